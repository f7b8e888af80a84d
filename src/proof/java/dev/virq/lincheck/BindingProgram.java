package dev.virq.lincheck;

import dev.virq.protocol.Protocol;
import dev.virq.vm.Vm;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A program of {@code src/docs/programs} in plain Java: its setup is a {@link Binding}. Each run
 * prints its outcome, because what it would keep in a static field Lincheck takes back.
 */
abstract class BindingProgram implements Runnable {
  /** What an outcome's line begins with. */
  static final String OUTCOME = "outcome: ";

  /** A thread that keeps what it threw. */
  abstract static class Actor extends Thread {
    final Binding binding;

    /** Volatile: read by the thread that made it. */
    private volatile @Nullable Throwable thrown;

    Actor(Binding binding) {
      this.binding = binding;
    }

    abstract void act();

    @Override
    public final void run() {
      try {
        act();
      } catch (Throwable e) {
        thrown = e;
      }
    }
  }

  private final Protocol protocol;

  /**
   * VMs that no run has used. Their controllers are made where Lincheck does not look: loops of
   * more than ten rounds it takes for a thread that waits, and then it tries three interleavings
   * and no more.
   */
  private final Queue<Vm> vms = new ArrayDeque<>();

  BindingProgram() {
    this(Protocol.SAFE);
  }

  /** With another order of the steps by which a binding ends. */
  BindingProgram(Protocol protocol) {
    this.protocol = protocol;
  }

  /** Prepares so many runs; each more makes its own VM. */
  final void prepare(int runs) {
    for (int run = 0; run < runs; run++) {
      vms.add(Binding.newVm());
    }
  }

  /** The threads of one run. */
  abstract List<Actor> actors(Binding binding);

  /** What the program observes, as an exploration writes it. */
  abstract String outcome(Binding binding, List<Actor> actors);

  @Override
  public final void run() {
    Vm vm = vms.poll();
    Binding binding = new Binding(vm == null ? Binding.newVm() : vm, protocol);
    List<Actor> actors = actors(binding);
    // As threads, not as actors: Lincheck knows start and join by the class they are called on.
    for (Thread actor : actors) {
      actor.start();
    }
    for (Thread actor : actors) {
      try {
        actor.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    Throwable bug = binding.settle();
    for (Actor actor : actors) {
      bug = bug == null ? actor.thrown : bug;
    }
    if (bug != null) {
      throw new AssertionError(bug.getMessage(), bug);
    }
    System.out.println(OUTCOME + outcome(binding, actors));
  }
}
