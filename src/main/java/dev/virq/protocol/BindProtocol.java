package dev.virq.protocol;

/** In which order a binding is made: {@code kvm_irqfd_assign}. No lock held. */
@FunctionalInterface
public interface BindProtocol {
  /**
   * The reference to the VM comes first, for from the hook on an injection may use it; what was
   * written before is injected by the hook itself; others find the irqfd only when it is finished.
   */
  BindProtocol SAFE =
      steps -> {
        steps.reference();
        steps.hook();
        return steps.list();
      };

  /** What there is to do, each once. */
  interface Steps {
    /**
     * Takes the irqfd's reference to the VM: {@code kvm_get_kvm_safe}.
     *
     * @throws dev.virq.errno.ErrnoException EBADF when the VM is gone
     */
    void reference();

    /**
     * As {@link #reference}, for who is sure that the VM is there: {@code kvm_get_kvm}.
     *
     * @throws dev.virq.sync.BrokenLifetime when it is gone all the same
     */
    void referenceUnchecked();

    /**
     * Hooks the irqfd to its eventfd, and wakes it for what was written before: one step, under the
     * wait-queue lock.
     *
     * @throws dev.virq.errno.ErrnoException EBUSY, EBADF; it is not hooked then
     */
    void hook();

    /**
     * Hooks the irqfd, but does not wake it.
     *
     * @return the events that are ready
     * @throws dev.virq.errno.ErrnoException EBUSY, EBADF; it is not hooked then
     */
    int hookOnly();

    /** Asks for an injection: {@code schedule_work(&irqfd->inject)}. */
    void inject();

    /**
     * Puts the irqfd on the VM's list: from now on others find it.
     *
     * @return false when the VM closes or the irqfd is severed already; it is not on the list then
     */
    boolean list();
  }

  /**
   * Makes a binding.
   *
   * @return what {@link Steps#list} said
   */
  boolean bind(Steps steps);
}
