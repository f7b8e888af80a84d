package dev.virq.litmus;

import java.util.List;

/**
 * Every row of the litmus table: what the kernel's memory model says of its outcome, whether this
 * project has seen the outcome on x86, and the tests that hold it. {@code src/docs/guarantees.md}
 * says what the rows are about.
 *
 * <p>A test is named by its tool and its place there: {@code jcstress} a class of {@code
 * src/jcstress}, which runs with opaque and with volatile variables; {@code harness} a program of
 * {@link LitmusRows}, which does both as well; {@code spin} a run of {@code SpinModelsTest}; {@code
 * junit} and {@code lincheck} a test method.
 */
public enum LitmusRow {
  L1(Verdict.FORBIDDEN, "jcstress MessagePassing.L1", "harness L1"),
  L2(Verdict.FORBIDDEN, "jcstress MessagePassing.L2", "harness L2"),
  L3(Verdict.FORBIDDEN, "jcstress MessagePassing.L3", "harness L3"),
  L4(Verdict.FORBIDDEN, "jcstress MessagePassing.L4", "harness L4"),
  L5(Verdict.FORBIDDEN, "jcstress MessagePassing.L5", "harness L5"),
  L6(Verdict.FORBIDDEN, "jcstress FinalValues.L6", "harness L6"),
  L7(Verdict.FORBIDDEN, "jcstress FinalValues.L7", "harness L7"),
  L8(Verdict.FORBIDDEN, "jcstress FinalValues.L8", "harness L8"),
  L9(Verdict.FORBIDDEN, "jcstress FinalValues.L9", "harness L9"),
  L10(Verdict.FORBIDDEN, "jcstress FinalValues.L10", "harness L10"),
  L11(Verdict.FORBIDDEN, "jcstress MessagePassing.L11", "harness L11"),
  L12(Verdict.FORBIDDEN, "jcstress MessagePassing.L12", "harness L12"),
  L13(Verdict.SEEN, "jcstress Overlap.L13", "harness L13"),
  L14(Verdict.SEEN, "jcstress Overlap.L14", "harness L14"),
  L15(Verdict.SEEN, "jcstress Overlap.L15", "harness L15"),
  L16(Verdict.SEEN, "jcstress Overlap.L16", "harness L16"),
  L17(
      Verdict.FORBIDDEN,
      "harness L17",
      "lincheck lincheck.SrcuLincheckTest#l17SectionEndedByAnotherThreadIsCovered"),
  /** A double unlock is diagnosed. */
  L18(
      Verdict.MISUSE,
      "junit srcu.SrcuReadSideTest#s2MoreEndsThanBeginsPoisonTheDomain",
      "junit srcu.SrcuReadSideTest#s2TrackedDomainFindsAnEndTooManyAtOnce"),
  /** The first of two sections may end first, and is counted right. */
  L19(Verdict.MISUSE, "junit srcu.SrcuReadSideTest#s1SectionsNestAndOverlap"),
  /** Not seen: on x86 the end of a section is an atomic add, and so a full barrier. */
  L20(Verdict.UNSEEN, "jcstress Barriers.L20", "harness L20"),
  L21(Verdict.FORBIDDEN, "jcstress Barriers.L21", "harness L21"),
  L22(
      Verdict.SEEN,
      "jcstress Barriers.L22NoBarrier",
      "jcstress Barriers.L22Late",
      "jcstress Barriers.L22Elsewhere"),
  L23(Verdict.FORBIDDEN, "harness L23"),
  L24(Verdict.FORBIDDEN, "harness L24"),
  L25(Verdict.FORBIDDEN, "harness L25"),
  /** With a full barrier; with a release alone it is allowed, and was not seen. */
  L26(Verdict.FORBIDDEN, "harness L26"),
  /** Not seen: a grace period is a full barrier on every processor, which the model leaves out. */
  L27(Verdict.UNSEEN, "harness L27"),
  L28(Verdict.FORBIDDEN, "harness L28"),
  L29(Verdict.FORBIDDEN, "harness L29"),
  L30(Verdict.FORBIDDEN, "harness L30"),
  L31(Verdict.SEEN, "harness L31"),
  L32(Verdict.FORBIDDEN, "harness L32"),
  L33(Verdict.FORBIDDEN, "spin L33", "harness L33"),
  L34(Verdict.SEEN, "spin L34", "harness L34"),
  /** The adjacent forms; the other one, 63, is allowed and reached in the model. */
  L35(Verdict.FORBIDDEN, "spin L35"),
  K1(Verdict.FORBIDDEN, "jcstress Revocation.K1", "harness K1"),
  K2(
      Verdict.FORBIDDEN,
      "lincheck lincheck.SrcuLincheckTest#k2ReaderThatStallsOverTwoGracePeriodsIsCovered",
      "spin srcu",
      "junit srcu.SrcuGracePeriodTest#s3ReaderThatStallsBetweenFetchingItsRankAndCountingIsCovered"),
  K3(
      Verdict.FORBIDDEN,
      "lincheck lincheck.SrcuLincheckTest#k3SectionsBetweenTheSumsDoNotHideAnother",
      "spin srcu"),
  K4(Verdict.FORBIDDEN, "jcstress Revocation.K4"),
  K5(Verdict.FORBIDDEN, "jcstress Revocation.K5"),
  K6(
      Verdict.FORBIDDEN,
      "lincheck lincheck.SrcuLincheckTest#k6SharedGracePeriodsCoverBothUpdates",
      "spin K6",
      "harness K6");

  /** May the outcome be seen, and was it? */
  public enum Verdict {
    /** Forbidden, and never seen. */
    FORBIDDEN,
    /** Allowed, and seen on x86 or, with more than two threads of two domains, in the model. */
    SEEN,
    /** Allowed, and not seen on x86. */
    UNSEEN,
    /** No outcome of a race, but a use to be diagnosed or to be accepted. */
    MISUSE
  }

  private final Verdict verdict;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes one that never changes
  private final List<String> tests;

  LitmusRow(Verdict verdict, String... tests) {
    this.verdict = verdict;
    this.tests = List.of(tests);
  }

  /** What is known of its outcome. */
  public Verdict verdict() {
    return verdict;
  }

  /** Tool and place of each test; the first is the one that the table asks for. */
  public List<String> tests() {
    return tests;
  }
}
