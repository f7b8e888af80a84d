package dev.virq.irqfd;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.RaceRig;
import dev.virq.testing.RecordingProbe.Hit;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The race matrix: each row is two calls on the same irqfd, eventfd or VM. One is stopped at each
 * of its steps in turn; the other is then started and stopped at each of its steps, or as far as it
 * gets; and then they go on in the one order, and in the other. After every case all books must be
 * right, and no VM may have been put between the dereference [4] and the end of the section [1].
 *
 * <p>A step that cannot be stopped at, because a lock is held there, lies between two that can.
 */
@ParameterizedClass(name = "{0} worker(s)")
@ValueSource(ints = {1, 4})
class RaceMatrixTest {
  private static final List<Tracepoint> INJECTION =
      List.of(
          Tracepoint.INJECT_ENTER,
          Tracepoint.INJECT_LOCKED,
          Tracepoint.INJECT_DEREFERENCED,
          Tracepoint.INJECT_LOWERED);

  /** Between these, an injection uses the VM that it found. */
  private static final Set<Tracepoint> USE =
      EnumSet.of(Tracepoint.INJECT_DEREFERENCED, Tracepoint.INJECT_LOWERED);

  private static final List<Tracepoint> ASSIGN =
      List.of(Tracepoint.ASSIGN_LISTED, Tracepoint.ASSIGN_BEFORE_FPUT);
  private static final List<Tracepoint> TEAR_DOWN =
      List.of(
          Tracepoint.HUP_UNHOOKED,
          Tracepoint.HUP_FLUSHED,
          Tracepoint.DISCONNECT_SWAPPED,
          Tracepoint.DISCONNECT_UNLISTED,
          Tracepoint.SYNC_BEGIN,
          Tracepoint.SYNC_FLIPPED,
          Tracepoint.SYNC_END,
          Tracepoint.PUT_VM,
          Tracepoint.FREE_IRQFD);
  private static final List<Tracepoint> RELEASE =
      List.of(
          Tracepoint.RELEASE_BEGIN,
          Tracepoint.DISCONNECT_SWAPPED,
          Tracepoint.DISCONNECT_UNLISTED,
          Tracepoint.SYNC_BEGIN,
          Tracepoint.SYNC_FLIPPED,
          Tracepoint.SYNC_END,
          Tracepoint.PUT_VM,
          Tracepoint.HUP_UNHOOKED,
          Tracepoint.HUP_FLUSHED,
          Tracepoint.FREE_IRQFD);

  /** A call, and the steps at which it can be stopped. */
  private record Side(String name, List<Tracepoint> steps, Consumer<Case> call) {}

  private static final Side SIGNAL = new Side("signal", INJECTION, Case::write);
  private static final Side ASSIGNS = new Side("assign", ASSIGN, Case::assign);
  private static final Side ASSIGNS_ELSEWHERE =
      new Side("assign in another VM", ASSIGN, Case::assignElsewhere);
  private static final Side DEASSIGN = new Side("de-assign", TEAR_DOWN, Case::deassign);
  private static final Side HANG_UP = new Side("eventfd close", TEAR_DOWN, Case::closeEventfd);
  private static final Side VM_CLOSE = new Side("VM close", RELEASE, Case::closeVm);

  private final int workers;

  RaceMatrixTest(int workers) {
    this.workers = workers;
  }

  @Test
  void signalAgainstSignal() {
    row(true, SIGNAL, SIGNAL);
  }

  @Test
  void signalAgainstAssign() {
    row(false, ASSIGNS, SIGNAL);
  }

  @Test
  void signalAgainstEventfdClose() {
    row(true, SIGNAL, HANG_UP);
    row(true, HANG_UP, SIGNAL);
  }

  @Test
  void signalAgainstDeassign() {
    row(true, SIGNAL, DEASSIGN);
    row(true, DEASSIGN, SIGNAL);
  }

  @Test
  void signalAgainstVmClose() {
    row(true, SIGNAL, VM_CLOSE);
    row(true, VM_CLOSE, SIGNAL);
  }

  @Test
  void assignAgainstAssign() {
    row(false, ASSIGNS, ASSIGNS_ELSEWHERE);
  }

  @Test
  void assignAgainstDeassign() {
    row(false, ASSIGNS, DEASSIGN);
    row(true, DEASSIGN, ASSIGNS);
  }

  @Test
  void assignAgainstEventfdClose() {
    row(false, ASSIGNS, HANG_UP);
    row(true, HANG_UP, ASSIGNS);
  }

  @Test
  void assignAgainstVmClose() {
    row(false, ASSIGNS, VM_CLOSE);
    row(true, VM_CLOSE, ASSIGNS);
  }

  @Test
  void eventfdCloseAgainstDeassign() {
    row(true, HANG_UP, DEASSIGN);
    row(true, DEASSIGN, HANG_UP);
  }

  @Test
  void eventfdCloseAgainstVmClose() {
    row(true, HANG_UP, VM_CLOSE);
    row(true, VM_CLOSE, HANG_UP);
  }

  @Test
  void deassignAgainstVmClose() {
    row(true, DEASSIGN, VM_CLOSE);
    row(true, VM_CLOSE, DEASSIGN);
  }

  @Test
  void sameCloseTwice() {
    row(true, HANG_UP, HANG_UP);
    row(true, DEASSIGN, DEASSIGN);
    row(true, VM_CLOSE, VM_CLOSE);
  }

  private void row(boolean bound, Side one, Side other) {
    Set<Tracepoint> stoppedAt = EnumSet.noneOf(Tracepoint.class);
    for (Tracepoint step : one.steps) {
      for (Tracepoint otherStep : other.steps) {
        for (boolean inOrder : new boolean[] {true, false}) {
          String name =
              "%s at %s, %s at %s, %s"
                  .formatted(
                      one.name,
                      step,
                      other.name,
                      otherStep,
                      inOrder ? "in this order" : "the second first");
          try (Case now = new Case(new RaceRig(workers), bound)) {
            Breakpoint first = now.rig.hold(step);
            now.start(one.call);
            now.quiesce();
            if (now.holds(first)) {
              stoppedAt.add(step);
            }
            Breakpoint second = now.rig.hold(otherStep);
            now.start(other.call);
            now.quiesce();
            if (now.holds(first) && USE.contains(step)) {
              // Whatever the other does meanwhile: its own reference and that of the irqfd.
              assertThat(now.vm.vm().references()).as("references").isEqualTo(2);
            }
            now.letGo(inOrder ? first : second);
            now.quiesce();
            now.letGo(inOrder ? second : first);
            now.quiesce();
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
          }
        }
      }
    }
    // None of the cases was about a step that is not reached.
    assertThat(stoppedAt).containsExactlyInAnyOrderElementsOf(one.steps);
  }

  /** One system, the two sides of one binding, and the threads of the calls. */
  private static final class Case implements AutoCloseable {
    private static final int GSI = 5;

    private final RaceRig rig;
    private final VmFile vm;
    private final VmFile otherVm;
    private final EventfdName eventfd;
    private final List<Thread> calls = new ArrayList<>();
    private final List<PendingSignal> accepted = new ArrayList<>();

    Case(RaceRig rig, boolean bound) {
      this.rig = rig;
      vm = rig.vm();
      otherVm = rig.vm();
      eventfd = rig.eventfd();
      if (bound) {
        Irqfd _ = rig.assign(vm, eventfd, GSI);
      }
    }

    void write() {
      PendingSignal record = rig.write(eventfd);
      synchronized (accepted) {
        accepted.add(record);
      }
    }

    void assign() {
      Irqfd _ = rig.assign(vm, eventfd, GSI);
    }

    void assignElsewhere() {
      Irqfd _ = rig.assign(otherVm, eventfd, GSI);
    }

    void deassign() {
      rig.host().irqfds().deassign(vm.id(), eventfd, GSI);
    }

    void closeEventfd() {
      rig.host().eventfds().close(eventfd);
    }

    void closeVm() {
      rig.host().vms().close(vm.id());
    }

    /** Makes a call on a thread of its own; that it is refused is one of the right outcomes. */
    void start(Consumer<Case> call) {
      calls.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  call.accept(this);
                } catch (ErrnoException e) {
                  assertThat(e.errno()).isNotNull();
                }
              }));
    }

    /** Waits until everything is over, or behind a thread that is held. */
    void quiesce() {
      for (Thread call : calls) {
        // A thread that is held sleeps with a limit.
        RaceRig.awaitAsleepOr(
            call, () -> !call.isAlive() || call.getState() == Thread.State.TIMED_WAITING);
      }
      rig.host().waits().parked(LONG);
    }

    boolean holds(Breakpoint breakpoint) {
      Breakpoint now = rig.host().breakpoints().find(breakpoint.id());
      return now != null && !now.parked().isEmpty();
    }

    /** Lets go whom it holds; one that holds nobody must not stop the other side later. */
    void letGo(Breakpoint breakpoint) {
      Breakpoint _ = rig.host().breakpoints().remove(breakpoint.id());
    }

    @Override
    public void close() {
      rig.close();
      for (Thread call : calls) {
        RaceRig.await(() -> !call.isAlive());
      }
      assertThat(accepted).extracting(PendingSignal::outcome).doesNotContainNull();
      assertThat(accepted).extracting(PendingSignal::outcome).doesNotContain(Outcome.FAILED);
      rig.host().irqfds().listFreed(0, 10).forEach(this::noPutInsideASection);
    }

    /** Between [4] and [1] of an injection that found the VM, the irqfd does not put it. */
    private void noPutInsideASection(IrqfdView irqfd) {
      List<Hit> hits =
          rig.seen().hits().stream()
              .filter(hit -> hit.subject().irqfdId() == irqfd.irqfdId())
              .toList();
      boolean used = false;
      boolean put = false;
      for (Hit hit : hits) {
        switch (hit.point()) {
          case INJECT_DEREFERENCED -> {
            used = false;
            put = false;
          }
          case INJECT_MUTEX -> used = true;
          case PUT_VM -> put = true;
          case INJECT_LOWERED ->
              assertThat(used && put).as("put inside a section that uses the VM").isFalse();
          default -> {}
        }
      }
    }
  }
}
