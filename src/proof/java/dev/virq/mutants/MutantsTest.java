package dev.virq.mutants;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.testing.TestHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each test that guards against a race is shown to notice the race: it fails on a copy of the
 * product that is broken in that one way, and passes on a faithful copy.
 */
@Order(Integer.MAX_VALUE - 1) // last: a broken copy that hangs goes on until the JVM ends
class MutantsTest {
  /** What a broken copy logs about itself is no news. */
  private static final Logger LOG = Logger.getLogger("dev.virq");

  /** A test of a broken copy need not wait long: what a right product never reaches, it may. */
  private static final Edit IMPATIENT =
      new Edit(TestHosts.class, "field LONG", "Duration.ofSeconds(30)", "Duration.ofSeconds(2)");

  /** No test may need longer than this to notice; all of them have limits of their own. */
  private static final Duration HUNG = Duration.ofSeconds(60);

  /** As many are tried at once: most are compiled and replayed by one processor. */
  private static final int AT_ONCE = 2;

  /** How each broken copy was caught, to be read by people. */
  private static final Path REPORT = Path.of("target/broken-copies.txt");

  private static final List<String> CAUGHT = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void silence() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void speak() throws IOException {
    LOG.setLevel(null);
    Files.write(REPORT, CAUGHT);
  }

  /** They are tried on threads of their own, and reported one after the other. */
  @TestFactory
  Stream<DynamicTest> brokenCopiesAreCaught() {
    List<FutureTask<String>> tries =
        Mutants.ALL.stream().map(mutant -> new FutureTask<>(() -> caught(mutant, HUNG))).toList();
    Queue<FutureTask<String>> untried = new ConcurrentLinkedQueue<>(tries);
    for (int i = 0; i < AT_ONCE; i++) {
      Thread _ = Thread.ofPlatform().daemon().name("tries-" + i).start(() -> tryAll(untried));
    }
    return IntStream.range(0, tries.size())
        .mapToObj(i ->
            dynamicTest(Mutants.ALL.get(i).toString(), () -> CAUGHT.add(whatCame(tries.get(i)))));
  }

  private static void tryAll(Queue<FutureTask<String>> untried) {
    for (FutureTask<String> one = untried.poll(); one != null; one = untried.poll()) {
      one.run();
    }
  }

  @SuppressWarnings("IllegalThrows") // a try may throw anything
  private static String whatCame(FutureTask<String> one) throws Throwable {
    try {
      return one.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  @TestFactory
  Stream<DynamicTest> faithfulCopyPasses() {
    return Mutants.ALL.stream()
        .map(Mutant::test)
        .distinct()
        .map(test -> dynamicTest(test, () -> assertThat(run(List.of(), test, HUNG)).isNull()));
  }

  @Test
  void everyMutantHasAnIdOfItsOwn() {
    assertThat(Mutants.ALL).extracting(Mutant::id).doesNotHaveDuplicates();
  }

  @Test
  void everySrcuMutantIsCaughtHereOrSaidToBeCaughtElsewhere() {
    Set<String> here =
        Mutants.ALL.stream().map(Mutant::id).filter(id -> id.startsWith("M")).collect(toSet());
    List<String> elsewhere = SrcuMutants.ELSEWHERE.stream().map(SrcuMutants.Elsewhere::id).toList();

    for (int number = 1; number <= 28; number++) {
      // There is no M10.
      boolean named = here.contains("M" + number) != elsewhere.contains("M" + number);
      assertThat(named).as("M%d", number).isEqualTo(number != 10);
    }
  }

  /** How the mutant's test notices it; fails when it does not, or not within the limit. */
  static String caught(Mutant mutant, Duration limit) {
    List<Edit> edits = new ArrayList<>(mutant.edits());
    edits.add(IMPATIENT);

    Throwable failure = run(edits, mutant.test(), limit);

    assertThat(failure).as("the test noticed nothing").isNotNull();
    assertThat(failure)
        .as("the test could not run")
        .isNotInstanceOfAny(LinkageError.class, ReflectiveOperationException.class);
    String how = String.valueOf(failure.getMessage()).strip().replaceAll("\\s+", " ");
    return mutant + "\n    " + failure.getClass().getSimpleName() + ": " + how;
  }

  /** What the test threw, or null when it passed. */
  static Throwable run(List<Edit> edits, String test, Duration limit) {
    BrokenCopy copy = BrokenCopy.of(edits);
    FutureTask<Void> run =
        new FutureTask<>(() -> {
          try {
            copy.run(test);
          } catch (Exception | Error e) {
            throw e;
          } catch (Throwable e) {
            throw new AssertionError(e);
          }
          return null;
        });
    Thread thread = Thread.ofPlatform().daemon().name("broken-copy").start(run);
    try {
      run.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TimeoutException e) {
      StackTraceElement[] stack = thread.getStackTrace();
      return fail("the test hung at " + List.of(stack), e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
