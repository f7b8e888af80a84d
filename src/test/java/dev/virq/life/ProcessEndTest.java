package dev.virq.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessEndTest {
  private final AtomicLong clock = new AtomicLong(7);
  private final List<Integer> halted = new ArrayList<>();
  private final ProcessEnd end = new ProcessEnd(halted::add, clock::get);
  private final Watchdog watchdog = new Watchdog(end);

  @Test
  void aShutdownThatTakesTooLongIsHalted() {
    end.limit(100);
    clock.set(1_000);
    watchdog.look();
    end.begin();
    clock.set(1_100);
    // Asked again, it does not begin again.
    end.begin();
    watchdog.look();
    assertThat(halted).isEmpty();

    clock.set(1_101);
    watchdog.look();

    assertThat(halted).containsExactly(ProcessEnd.LATE);
  }

  @Test
  void anIncompleteDrainHasACodeOfItsOwn() {
    end.exit();
    end.incomplete();
    end.exit();

    assertThat(halted).containsExactly(ProcessEnd.COMPLETE, ProcessEnd.INCOMPLETE);
  }

  @Test
  void aFullHeapEndsTheProcessWhateverItIsTheCauseOf() {
    watchdog.uncaughtException(
        Thread.currentThread(), new IllegalStateException(new OutOfMemoryError("planted")));
    end.haltIfFatal(new IllegalStateException("planted", new InternalError("planted")));

    assertThat(halted).containsExactly(ProcessEnd.FATAL, ProcessEnd.FATAL);
  }

  @Test
  void anOverflowingStackAndABugDoNotEndTheProcess() {
    end.haltIfFatal(new IllegalStateException("planted", new StackOverflowError("planted")));
    watchdog.uncaughtException(Thread.currentThread(), new IllegalStateException("planted"));
    end.haltIfFatal(null);

    assertThat(halted).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http-nio-8080-Poller", "http-nio-8080-Acceptor"})
  void aConnectorThatLosesItsThreadEndsTheProcess(String name) {
    Thread lost = Thread.ofPlatform().name(name).unstarted(() -> {});

    watchdog.uncaughtException(lost, new IllegalStateException("planted"));

    assertThat(halted).containsExactly(ProcessEnd.FATAL);
  }

  @Test
  void aStartThatWasGivenUpHasACodeOfItsOwn() {
    end.notStarted();
    end.exit();

    assertThat(halted).containsExactly(ProcessEnd.NOT_STARTED);
  }

  @Test
  void aProcessThatIsToldToHaltIsNotLate() {
    end.begin();
    end.exit();
    clock.set(Long.MAX_VALUE / 2);

    watchdog.look();

    assertThat(halted).containsExactly(ProcessEnd.COMPLETE);
  }

  @Test
  void whatIsDoneBeforeTheShutdownBeginsIsASuccess() {
    end.notStarted();
    end.done();
    end.exit();
    end.notStarted();
    end.begin();
    end.done();
    end.exit();

    assertThat(halted).containsExactly(ProcessEnd.COMPLETE, ProcessEnd.NOT_STARTED);
  }

  /** Whoever starts the process knows them by their numbers. */
  @Test
  void codesStayWhatTheyAre() {
    assertThat(
            List.of(
                ProcessEnd.COMPLETE,
                ProcessEnd.NOT_STARTED,
                ProcessEnd.FATAL,
                ProcessEnd.LATE,
                ProcessEnd.INCOMPLETE))
        .containsExactly(0, 1, 3, 4, 5);
  }

  @Test
  void aCircleOfCausesIsLookedThroughOnce() {
    Exception first = new IllegalStateException("first");
    Exception second = new IllegalStateException("second", first);
    first.initCause(second);

    assertThat(ProcessEnd.isFatal(first)).isFalse();
  }
}
