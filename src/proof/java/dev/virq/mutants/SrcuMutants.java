package dev.virq.mutants;

import dev.virq.srcu.ReadSection;
import dev.virq.srcu.SrcuDomain;
import dev.virq.sync.Uninterruptibly;
import java.util.List;

/**
 * The broken copies of the SRCU, and those that no test without a second processor or a weaker one
 * can tell from the product.
 */
final class SrcuMutants {

  private static final String GRACE = "srcu.SrcuGracePeriodTest#";
  private static final String READ = "srcu.SrcuReadSideTest#";
  private static final String CLOSE = "srcu.SrcuCloseTest#";
  private static final String CALLS = "srcu.SrcuCallbacksTest#";

  private static final String SCAN_1 = "case 1 -> { if (!awaitQuiet(call)) { return false; }";
  private static final String SCAN_2 = "default -> { if (!awaitQuiet(call)) { return false; }";
  private static final String RANK = "int rank = domain.idleRank();";
  private static final String STRAGGLER =
      GRACE + "s3ReaderThatStallsBetweenFetchingItsRankAndCountingIsCovered";

  /** A mutant of guarantees.md that a test of one machine's interleavings cannot catch. */
  record Elsewhere(String id, String sentence, String reason) {}

  static final List<Elsewhere> ELSEWHERE =
      List.of(
          new Elsewhere(
              "M6",
              "no barrier B, and an increment that is no atomic add",
              "store buffering between two processors: jcstress and Spin. Its other half, the"
                  + " increment that loses updates, is M9"),
          new Elsewhere(
              "M7",
              "no barrier A and none at the entry",
              "the scans read in volatile mode, so only an update in opaque mode can tell: Spin"),
          new Elsewhere(
              "M8",
              "no barrier C",
              "equivalent on x86, where the atomic add is a full barrier; kept for AArch64 and for"
                  + " data not reached through an SrcuRef: Spin"),
          new Elsewhere(
              "M14",
              "no barrier D",
              "equivalent: it bounds how often a scan looks again, and costs no safety; the volatile"
                  + " store of idx is a barrier of its own on x86"),
          new Elsewhere(
              "M26",
              "SrcuRef read in plain mode and hoisted out of a loop",
              "what a compiler does to a loop: jcstress"));

  private SrcuMutants() {}

  static List<Mutant> scans() {
    return List.of(
        new Mutant(
            "M1",
            "scan 1 is dropped",
            STRAGGLER,
            new Edit(Hidden.UPDATE_SIDE, "step", SCAN_1, "case 1 -> {")),
        new Mutant(
            "M2",
            "synchronize returns at once",
            GRACE + "s3SynchronizeReturnsOnlyAfterTheSectionHasEnded",
            new Edit(SrcuDomain.class, "synchronize(Call)", "boolean _ = wait.ended(call);", "")),
        new Mutant(
            "M2b",
            "synchronize returns at once where it would have to sleep",
            "srcu.SrcuWaitingTest#callerThatWaitsForTheRankInUseGivesUpAfterTheFlip",
            new Edit(
                SrcuDomain.class,
                "synchronize(Runnable, Consumer<Runnable>)",
                "sleeping.accept(() -> wait.ended(Call.patient(flipped)));",
                "")),
        new Mutant(
            "M3",
            "the ranks are not flipped",
            GRACE + "s9SteadyStreamOfReadersDoesNotPostponeTheEnd",
            new Edit(Hidden.READ_SIDE, "flip", "idx = flips + 1;", "idx = flips;"),
            new Edit(
                Hidden.UPDATE_SIDE,
                "awaitQuiet",
                RANK,
                "int rank = (gpSeq & 3) == 1 ? domain.idleRank() : domain.rank();")),
        new Mutant(
            "M4",
            "begins are summed before ends",
            GRACE + "s3SectionThatPassesBetweenTheSumsDoesNotHideAnother",
            new Edit(
                Hidden.READ_SIDE,
                "quiet",
                "long ended = sumEnded(rank);",
                "long begun = sumBegun(rank);"),
            new Edit(
                Hidden.READ_SIDE,
                "quiet",
                "long begun = sumBegun(rank); if (ended",
                "long ended = sumEnded(rank); if (ended")),
        new Mutant(
            "M5",
            "a section is ended in the rank of new readers",
            READ + "s1EndIsCountedInTheRankOfItsBegin",
            new Edit(
                Hidden.READ_SIDE,
                "leave",
                "leaving(rank, handOff); } count(rank);",
                "leaving(rank, handOff); }\n" + "count(rank());")),
        new Mutant(
            "growth",
            "a domain does not grow when its readers meet",
            READ + "domainWhoseReadersMeetGrows",
            new Edit(Hidden.READ_SIDE, "entered", "if (met) { grow(); }", "")),
        new Mutant(
            "M9",
            "two counts at once may become one",
            READ + "s1NoCountIsLostWhereReadersMeet",
            new Edit(
                Hidden.COUNTERS,
                "begin",
                "counted = (long) L1.getAndAdd(this, 1L);",
                "counted = before; begun1 = counted + 1;"),
            new Edit(
                Hidden.COUNTERS,
                "end",
                "long _ = (long) U1.getAndAdd(this, 1L);",
                "ended1 = ended1 + 1;")),
        new Mutant(
            "M11",
            "both scans look at the rank that is left",
            STRAGGLER,
            new Edit(
                Hidden.UPDATE_SIDE,
                "awaitQuiet",
                RANK,
                "int rank = (gpSeq & 3) == 1 ? domain.rank() : domain.idleRank();")),
        new Mutant(
            "M13",
            "scan 2 is dropped",
            GRACE + "s3GracePeriodWaitsForOpenSection",
            new Edit(Hidden.UPDATE_SIDE, "step", SCAN_2, "default -> {")),
        new Mutant(
            "M21",
            "one array of stripes serves both sums",
            GRACE + "s3SectionInANewerStripeDoesNotHideAnother",
            new Edit(
                Hidden.READ_SIDE,
                "quiet",
                "long ended = sumEnded(rank);",
                "@Nullable Stripe[] once = stripes;\nlong ended = sumEnded(rank);"),
            new Edit(
                Hidden.READ_SIDE,
                "quiet",
                "long begun = sumBegun(rank); if (ended",
                """
                long begun = begun(rank);
                if (once != null) {
                  for (int i = 0; i < Stripe.count(once); i++) {
                    begun += Stripe.at(once, i).begun(rank);
                  }
                }
                if (ended\
                """)),
        new Mutant(
            "M23",
            "the expedited form drops scan 1",
            GRACE + "s3ExpeditedGracePeriodWaitsForASectionOfTheOtherRank",
            new Edit(
                Hidden.UPDATE_SIDE,
                "step",
                SCAN_1,
                "case 1 -> { if (!call.expedited && !awaitQuiet(call)) return" + " false;")),
        new Mutant(
            "M23b",
            "the expedited form drops scan 2",
            GRACE + "s3ExpeditedGracePeriodWaitsForASectionOfTheRankInUse",
            new Edit(
                Hidden.UPDATE_SIDE,
                "step",
                SCAN_2,
                "default -> { if (!call.expedited && !awaitQuiet(call)) return" + " false;")),
        new Mutant(
            "M27",
            "the flip sets the counters back",
            GRACE + "s6CountsOnlyGrow",
            new Edit(
                Hidden.COUNTERS,
                "field begun0",
                "private volatile long begun0;",
                "volatile long begun0;"),
            new Edit(
                Hidden.COUNTERS,
                "field begun1",
                "private volatile long begun1;",
                "volatile long begun1;"),
            new Edit(
                Hidden.COUNTERS,
                "field ended0",
                "private volatile long ended0;",
                "volatile long ended0;"),
            new Edit(
                Hidden.COUNTERS,
                "field ended1",
                "private volatile long ended1;",
                "volatile long ended1;"),
            new Edit(
                Hidden.READ_SIDE,
                "flip",
                "int flips = idx;",
                """
                int flips = idx;
                if ((flips & 1) == 0) {
                  begun1 = 0;
                  ended1 = 0;
                } else {
                  begun0 = 0;
                  ended0 = 0;
                }
                """)));
  }

  static List<Mutant> waits() {
    return List.of(
        new Mutant(
            "M12",
            "two grace periods at once",
            GRACE + "s6GracePeriodsRunOneAtATime",
            new Edit(
                Hidden.UPDATE_SIDE,
                "becomeDriver",
                "if (!driven && !call.gaveUp) {",
                "if (!call.gaveUp) {")),
        new Mutant(
            "M15",
            "a cookie counts the grace period under way",
            "srcu.SrcuPollTest#gracePeriodUnderWayDoesNotServeALaterCookie",
            new Edit(
                Hidden.UPDATE_SIDE,
                "snapshot",
                "return (gpSeq + 7) & ~3L;",
                "return (gpSeq & ~3L) + 4;")),
        new Mutant(
            "M16",
            "a callback is attached to the grace period under way",
            CALLS + "s7GracePeriodUnderWayDoesNotServeALaterCallback",
            new Edit(
                Hidden.CALLBACKS,
                "call",
                "new Entry(callback, periods.snapshot())",
                "new Entry(callback, (((UpdateSide) periods).ended() << 2) + 4)")),
        new Mutant(
            "M17",
            "barrier returns while a callback runs",
            CALLS + "s7BarrierWaitsForTheCallbackThatRuns",
            new Edit(
                Hidden.CALLBACKS,
                "barrier",
                "while (ran < target) {",
                "while (ran + 1 < target) {")),
        new Mutant(
            "M18",
            "a caller is content with a grace period that began before it",
            GRACE + "s5CallerIsNotServedByAGracePeriodThatBeganBeforeIt",
            new Edit(
                Hidden.UPDATE_SIDE,
                "becomeDriver",
                "call.waits.once(() -> wait(millis));",
                "call.waits.once(() -> wait(millis));\nreturn false;")),
        new Mutant(
            "M19",
            "the sleeper is not published",
            GRACE + "s3SynchronizeReturnsOnlyAfterTheSectionHasEnded",
            new Edit(Hidden.QUIET_WAIT, "await", "setSleeper(rank, Thread.currentThread());", "")),
        new Mutant(
            "M19b",
            "the sleeper is published after its last look",
            GRACE + "s10EndBetweenTheLastLookAndTheSleepWakesTheUpdater",
            new Edit(
                Hidden.QUIET_WAIT,
                "await",
                "setSleeper(rank, Thread.currentThread()); if (domain.quiet(rank)) { return true; }",
                "if (domain.quiet(rank)) { return true; }\n"
                    + "setSleeper(rank, Thread.currentThread());")),
        new Mutant(
            "M20",
            "an interrupt ends synchronize",
            GRACE + "s12InterruptNeitherEndsTheWaitNorGetsLost",
            new Edit(
                Hidden.QUIET_WAIT,
                "await",
                "call.waits.keep();",
                "if (Thread.currentThread().isInterrupted()) { call.waits.keep(); return true; }")),
        new Mutant(
            "M20b",
            "an interrupt during synchronize is lost",
            GRACE + "s12InterruptNeitherEndsTheWaitNorGetsLost",
            new Edit(Uninterruptibly.class, "close", "if (interrupted) {", "if (false) {")),
        new Mutant(
            "M22",
            "close succeeds with a section open",
            CLOSE + "s11CloseWithAnOpenSectionIsRefusedAndTheDomainStaysUsable",
            new Edit(
                Hidden.READ_SIDE,
                "closeReaders",
                "boolean quiet = quiet(0) && quiet(1);",
                "boolean quiet = true;")),
        new Mutant(
            "M22b",
            "close succeeds with a callback left",
            CLOSE + "s11CloseWithACallbackLeftIsRefused",
            new Edit(Hidden.CALLBACKS, "close", "if (ran < queued) {", "if (ran > queued) {")),
        new Mutant(
            "M22c",
            "close does not notice the reader that comes after its look",
            CLOSE + "s11ReaderThatComesAfterTheCountsWereReadDefeatsAClose",
            new Edit(
                Hidden.READ_SIDE,
                "closeReaders",
                "boolean defeated = (seen & CLOSING) == 0;",
                "boolean defeated = false;")),
        new Mutant(
            "M24",
            "an end too many is accepted",
            READ + "s2MoreEndsThanBeginsPoisonTheDomain",
            new Edit(
                Hidden.READ_SIDE,
                "quiet",
                "if (ended - begun > 0) { byte _ = raise(POISONED); } return ended == begun",
                "return ended >= begun")),
        new Mutant(
            "M25",
            "a section stays open when its body throws",
            "irqfd.SignalRaceTest#lineGoesDownWhenTheInjectionFailsBetweenItsEdges",
            new Edit(
                Hidden.INJECTION,
                "inject",
                "pulse.ended()); srcu.readUnlock(index);",
                "pulse.ended()); if (pulse != Pulse.FAILED) { srcu.readUnlock(index); }")),
        new Mutant(
            "M25b",
            "the object form of a section can be ended twice",
            READ + "s1SectionAsAnObjectEndsOnceAlsoWhenItsBodyThrows",
            new Edit(
                ReadSection.class,
                "close",
                "if (!closed.compareAndSet(false, true)) {",
                "if (closed.get()) {")),
        new Mutant(
            "M28",
            "the updater spins for as long as a reader stays",
            GRACE + "s10UpdaterSleepsWhileAReaderStays",
            new Edit(Hidden.QUIET_WAIT, "pollQuiet", "poll < polls ||", "poll >= 0 ||")));
  }
}
