package dev.virq.lincheck;

import dev.virq.protocol.Protocol;
import dev.virq.protocol.SafeEnd;
import java.util.List;

/** The programs on a binding, called as their files are, and some with a precaution less. */
final class Bindings {
  private Bindings() {}

  /** Writes 1. */
  private static final class Writer extends BindingProgram.Actor {
    private final Binding.Written signal = new Binding.Written();

    Writer(Binding binding) {
      super(binding);
    }

    @Override
    void act() {
      binding.write(signal);
    }
  }

  /** Closes the eventfd. */
  private static final class Closer extends BindingProgram.Actor {
    Closer(Binding binding) {
      super(binding);
    }

    @Override
    void act() {
      binding.closeEventfd();
    }
  }

  /** Closes the VM. */
  private static final class Vmm extends BindingProgram.Actor {
    Vmm(Binding binding) {
      super(binding);
    }

    @Override
    void act() {
      binding.closeVm();
    }
  }

  /** Observes the write of the first actor, and the end of the binding. */
  abstract static class Signalled extends BindingProgram {
    Signalled(Protocol protocol) {
      super(protocol);
    }

    @Override
    final String outcome(Binding binding, List<Actor> actors) {
      return "outcome(writer.1)=%s, teardown(irqfd.1).cause=%s"
          .formatted(((Writer) actors.getFirst()).signal, binding.cause());
    }
  }

  /** hang-up.virq. */
  static class HangUp extends Signalled {
    HangUp() {
      this(Protocol.SAFE);
    }

    HangUp(Protocol protocol) {
      super(protocol);
    }

    @Override
    final List<Actor> actors(Binding binding) {
      return List.of(new Writer(binding), new Closer(binding));
    }
  }

  /** vm-close.virq. */
  static final class VmClose extends Signalled {
    VmClose() {
      super(Protocol.SAFE);
    }

    @Override
    List<Actor> actors(Binding binding) {
      return List.of(new Writer(binding), new Vmm(binding));
    }
  }

  /** all-three.virq. */
  static final class AllThree extends Signalled {
    AllThree() {
      super(Protocol.SAFE);
    }

    @Override
    final List<Actor> actors(Binding binding) {
      return List.of(new Writer(binding), new Closer(binding), new Vmm(binding));
    }
  }

  /** both-ends.virq. */
  static class BothEnds extends BindingProgram {
    BothEnds() {
      this(Protocol.SAFE);
    }

    BothEnds(Protocol protocol) {
      super(protocol);
    }

    @Override
    final List<Actor> actors(Binding binding) {
      return List.of(new Closer(binding), new Vmm(binding));
    }

    @Override
    final String outcome(Binding binding, List<Actor> actors) {
      return "teardown(irqfd.1).cause=" + binding.cause();
    }
  }

  /** two-signals.virq. */
  static final class TwoSignals extends BindingProgram {
    @Override
    List<Actor> actors(Binding binding) {
      return List.of(new Writer(binding), new Writer(binding));
    }

    @Override
    String outcome(Binding binding, List<Actor> actors) {
      return "outcome(first.1)=%s, outcome(second.1)=%s"
          .formatted(((Writer) actors.get(0)).signal, ((Writer) actors.get(1)).signal);
    }
  }

  /** The defect no-flush. */
  static final class HangUpWithoutFlush extends HangUp {
    HangUpWithoutFlush() {
      super(
          Protocol.SAFE.withEnd(
              new SafeEnd() {
                @Override
                public void drain(Runnable flush) {}
              }));
    }
  }

  /** The defect double-teardown. */
  static final class BothEndsTornDownTwice extends BothEnds {
    BothEndsTornDownTwice() {
      super(
          Protocol.SAFE.withEnd(
              new SafeEnd() {
                @Override
                public boolean claims(boolean first) {
                  return true;
                }
              }));
    }
  }

  /** The defect loser-does-not-wait. */
  static final class BothEndsWithoutWaiting extends BothEnds {
    BothEndsWithoutWaiting() {
      super(
          Protocol.SAFE.withEnd(
              new SafeEnd() {
                @Override
                public void lose(Runnable awaitWinner) {}
              }));
    }
  }
}
