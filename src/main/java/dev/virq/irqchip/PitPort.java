package dev.virq.irqchip;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.pit.Pit;
import dev.virq.pit.PitState;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The PIT as the host sees it: KVM_CREATE_PIT2, KVM_GET/SET_PIT2, KVM_REINJECT_CONTROL. Any thread.
 */
public final class PitPort {
  /** The lock of the controller. */
  interface Lock {
    /** Does something with the lock held. */
    <R> R locked(Supplier<R> operation);
  }

  private final Lock lock;
  private final PitWire wire;
  private final boolean full;

  /**
   * Of a controller.
   *
   * @param full whether it is a full one, which takes a PIT
   */
  PitPort(Lock lock, PitWire wire, boolean full) {
    this.lock = lock;
    this.wire = wire;
    this.full = full;
  }

  /**
   * The PIT as the host knows it.
   *
   * @param state its registers
   * @param speaker whether it has the speaker's port
   * @param reinject whether missed ticks are made up for
   */
  public record View(PitState state, boolean speaker, boolean reinject) {
    static View of(Pit pit) {
      return new View(pit.state(), pit.speaker(), pit.reinjects());
    }
  }

  /**
   * Gives the controller a PIT.
   *
   * @param speaker whether it has the speaker's port, KVM_PIT_SPEAKER_DUMMY
   * @throws ErrnoException EEXIST when there is one, ENOENT with a split controller
   */
  public View create(boolean speaker) {
    return lock.locked(() -> {
      if (wire.pit() != null) {
        throw new ErrnoException(Errno.EEXIST, "the controller has a PIT already");
      }
      if (!full) {
        throw new ErrnoException(Errno.ENOENT, "a split controller takes no PIT");
      }
      wire.create(speaker);
      return View.of(require());
    });
  }

  /**
   * The PIT.
   *
   * @throws ErrnoException ENXIO when there is none
   */
  public View view() {
    return with(View::of);
  }

  /**
   * Reads the registers, changes them and restores them: all counts are loaded again.
   *
   * @throws ErrnoException ENXIO when there is none
   */
  public View change(UnaryOperator<PitState> change) {
    return with(pit -> {
      pit.restore(change.apply(pit.state()));
      return View.of(pit);
    });
  }

  /**
   * Says whether ticks that are missed are made up for.
   *
   * @throws ErrnoException ENXIO when there is none
   */
  public View reinject(boolean on) {
    return with(pit -> {
      wire.reinject(pit, on);
      return View.of(pit);
    });
  }

  private View with(Function<Pit, View> call) {
    return lock.locked(() -> call.apply(require()));
  }

  private Pit require() {
    Pit pit = wire.pit();
    if (pit == null) {
      throw new ErrnoException(Errno.ENXIO, "the controller has no PIT");
    }
    return pit;
  }
}
