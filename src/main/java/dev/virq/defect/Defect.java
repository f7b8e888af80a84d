package dev.virq.defect;

import dev.virq.protocol.Protocol;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A precaution of the product's protocol that can be taken away, to be searched for. Each has been
 * missing in a version of the kernel, or is what its review asked about.
 */
public enum Defect {
  /** The VM is put without waiting for its readers. */
  NO_GRACE_PERIOD(
      "all-three.virq",
      "The VM is put without synchronize_srcu()",
      "What the SRCU of the 2009 patch is for: a reader between rcu_dereference and"
          + " srcu_read_unlock uses a VM that is gone",
      Protocol.SAFE.withEnd(BrokenEnds.NO_GRACE_PERIOD)),

  /** The two steps in the wrong order. */
  PUT_BEFORE_GRACE_PERIOD(
      "vm-close.virq",
      "The VM is put first, and the grace period is waited for afterwards",
      "The order that the marks [2] and [3] of the 2009 patch fix",
      Protocol.SAFE.withEnd(BrokenEnds.PUT_BEFORE_GRACE_PERIOD)),

  /** D2 of the 2009 patch. */
  LOSER_DOES_NOT_WAIT(
      "both-ends.virq",
      "Who loses the swap of the pointer goes on at once",
      "The 2009 patch: a hang-up that met the VM's close cleaned up the srcu_struct and freed the"
          + " irqfd, while the VM's close was inside synchronize_srcu() on it",
      Protocol.SAFE.withEnd(BrokenEnds.LOSER_DOES_NOT_WAIT)),

  /** D3 of the 2009 patch. */
  UNLOCKED_LIST_WALK(
      "next-of-list.virq",
      "The VM's close walks its list without a lock, with the next entry saved",
      "The 2009 patch: kvm_irqfd_release went through the list with list_for_each_entry_safe, while"
          + " a hang-up could free the entry that it had saved",
      Protocol.SAFE.withWalk(BrokenEnds.UNLOCKED_LIST_WALK)),

  /** D4, as in VFIO's virqfd. */
  DOUBLE_TEARDOWN(
      "both-ends.virq",
      "Each side that ends a binding tears it down",
      "VFIO's virqfd queued two release jobs for one object, until \"vfio: Fix virqfd release"
          + " race\"",
      Protocol.SAFE.withEnd(BrokenEnds.DOUBLE_TEARDOWN)),

  /** D5 of the 2009 patch. */
  PENDING_COUNT_IGNORED(
      "pending.virq",
      "What was written before the binding is not looked at",
      "The 2009 patch: of what poll returned it only saw whether it was an error",
      Protocol.SAFE.withBind(BrokenBindings.PENDING_COUNT_IGNORED)),

  /** D6 of the 2009 patch. */
  EXACT_WAKEUP_KEY(
      "pending.virq",
      "The events of a wake-up are compared, and not tested bit by bit",
      "The 2009 patch: switch (key) knew POLLIN alone and POLLHUP alone, so a wake-up with two"
          + " events was none",
      Protocol.SAFE.withKey(BrokenBindings.EXACT_WAKEUP_KEY)),

  /** D8 of the 2009 patch. */
  REFERENCE_AFTER_HOOK(
      "closing-vm.virq",
      "The VM is referenced after the hook, and nothing else holds it meanwhile",
      "The 2009 patch: kvm_get_kvm came last, and only the file that the ioctl holds made that safe",
      Protocol.SAFE
          .withBind(BrokenBindings.REFERENCE_AFTER_HOOK)
          .withHold(BrokenBindings.NOTHING_HELD)),

  /** D9 of the kernel until 2010. */
  COUNTER_NOT_DRAINED(
      "rebind.virq",
      "The counter stays as it is when the irqfd is unhooked",
      "The kernel until eventfd_ctx_remove_wait_queue() of January 2010: the next binding of the"
          + " eventfd began with an interrupt that nobody had asked for",
      Protocol.SAFE.withEnd(BrokenEnds.COUNTER_NOT_DRAINED)),

  /** D10 of the kernel until 2010. */
  TWO_IRQFDS_ONE_EVENTFD(
      "one-binding.virq",
      "An eventfd takes a second irqfd",
      "The kernel until 2010, and across VMs until 2025: one write, two interrupts",
      Protocol.SAFE.withSecond(BrokenBindings.TWO_IRQFDS_ONE_EVENTFD)),

  /** D12 of the kernel until 2017. */
  PUBLISH_BEFORE_READY(
      "early-deassign.virq",
      "The irqfd is on the VM's list before its making is over",
      "The kernel until \"Avoid crash when assign and deassign specific eventfd in parallel\" of"
          + " 2017: a de-assign freed what the assign went on to use",
      Protocol.SAFE.withBind(BrokenBindings.PUBLISH_BEFORE_READY)),

  /** D13: what the queue of its own is for. */
  FLUSH_ON_OWN_QUEUE(
      "hang-up.virq",
      "Bindings end on the queue that injections run on",
      "What the kernel's irqfd_cleanup_wq is for: the flush waits for work behind itself",
      Protocol.SAFE.withQueue(BrokenEnds.FLUSH_ON_OWN_QUEUE)),

  /** The work item is left in the queue. */
  NO_FLUSH(
      "hang-up.virq",
      "The irqfd is freed without flush_work()",
      "What the flush in irqfd_shutdown is for: a queued injection runs on an irqfd that is gone",
      Protocol.SAFE.withEnd(BrokenEnds.NO_FLUSH)),

  /** What a work item's pending bit must not do. */
  PENDING_CLEARED_AFTER_RUN(
      "two-signals.virq",
      "The pending bit is cleared when the injection has run, and not before",
      "What the order in process_one_work() is for: a write while the injection runs is merged with"
          + " it, and nothing comes after",
      Protocol.SAFE.withRequest(BrokenBindings.ClearedAfterRun::new)),

  /** D15 of today's kernel, with a lock that a reader takes. */
  GRACE_PERIOD_UNDER_LOCK(
      "vm-close.virq",
      "The VM's lock is held over synchronize_srcu()",
      "What the lock order of the 2009 patch forbids; a grace period under resampler_lock is in"
          + " reports of 2026 of tear-downs that hung",
      Protocol.SAFE.withEnd(BrokenEnds.GRACE_PERIOD_UNDER_LOCK));

  private final String program;
  private final String what;
  private final String source;

  @SuppressWarnings("ImmutableEnumChecker") // a protocol has no state
  private final Protocol protocol;

  Defect(String program, String what, String source, Protocol protocol) {
    this.program = program;
    this.what = what;
    this.source = source;
    this.protocol = protocol;
  }

  /** Its name, such as {@code no-grace-period}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The file in src/docs/programs that finds it. */
  public String program() {
    return program;
  }

  /** What is wrong, in one sentence. */
  public String what() {
    return what;
  }

  /** Where it was, or what asked about it. */
  public String source() {
    return source;
  }

  /** The names of all of them. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Defect::word).toList();
  }

  /** The defect of that name, or null. */
  public static @Nullable Defect find(String word) {
    for (Defect defect : values()) {
      if (defect.word().equals(word)) {
        return defect;
      }
    }
    return null;
  }

  /** The protocol with that defect, or the safe one. */
  public static Protocol protocol(@Nullable Defect defect) {
    return defect == null ? Protocol.SAFE : defect.protocol;
  }
}
