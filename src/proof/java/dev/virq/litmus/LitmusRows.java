package dev.virq.litmus;

import static dev.virq.litmus.Litmus.Verdict.ALLOWED;
import static dev.virq.litmus.Litmus.Verdict.FORBIDDEN;

import dev.virq.litmus.Litmus.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of the litmus table that are programs of threads. A section orders nothing in itself, so
 * a verdict holds for both orders of its accesses; "swapped" is the order in which x86, which
 * reorders little, can show the outcome when grace periods are broken.
 */
final class LitmusRows {
  private final List<Litmus> rows = new ArrayList<>();

  private LitmusRows() {}

  /** All of them. */
  static List<Litmus> all() {
    LitmusRows table = new LitmusRows();
    table.twoThreads();
    table.sections();
    table.barriers();
    table.observed();
    table.chains();
    table.revocation();
    return List.copyOf(table.rows);
  }

  private void twoThreads() {
    blunt("L1", "lock1 a=x y=1 unlock1 | b=y gp x=1", "a=1 b=1");
    sharp("L1 swapped", "lock1 y=1 ~ a=x unlock1 | b=y gp x=1", "a=1 b=1");
    blunt("L2", "y=1 gp x=1 | lock1 a=x b=y unlock1", "a=1 b=0");
    sharp("L2 swapped", "y=1 gp x=1 | lock1 b=y ~ a=x unlock1", "a=1 b=0");
    blunt("L3", "lock1 y=1 x=1 unlock1 | a=x gp b=y", "a=1 b=0");
    sharp("L4", "lock1 x=1 ~ y=1 unlock1 | a=x gp b=y", "a=1 b=0");
    blunt("L5", "lock1 x=1 a=y unlock1 | y=1 gp b=x", "a=0 b=0");
    sharp("L5 swapped", "lock1 a=y ~ x=1 unlock1 | y=1 gp b=x", "a=0 b=0");
    blunt("L6", "lock1 x=2 a=y unlock1 | y=1 gp x=1", "x=2 a=0");
    sharp("L6 swapped", "lock1 a=y ~ x=2 unlock1 | y=1 gp x=1", "x=2 a=0");
    blunt("L7", "x=2 gp a=y | lock1 y=1 x=1 unlock1", "x=2 a=0");
    sharp("L7 swapped", "x=2 gp a=y | lock1 x=1 ~ y=1 unlock1", "x=2 a=0");
    blunt("L8", "lock1 y=2 x=1 unlock1 | a=x gp y=1", "y=2 a=1");
    sharp("L8 swapped", "lock1 x=1 ~ y=2 unlock1 | a=x gp y=1", "y=2 a=1");
    blunt("L9", "y=2 gp x=1 | lock1 a=x y=1 unlock1", "y=2 a=1");
    sharp("L9 swapped", "y=2 gp x=1 | lock1 y=1 ~ a=x unlock1", "y=2 a=1");
    blunt("L10", "lock1 x=1 y=2 unlock1 | y=1 gp x=2", "x=1 y=1");
    sharp("L10 swapped", "lock1 y=2 ~ x=1 unlock1 | y=1 gp x=2", "x=1 y=1");
  }

  private void sections() {
    blunt("L11", "lock1 a=x unlock1 lock2 b=y unlock2 | y=1 gp x=1", "a=1 b=0");
    blunt("L12", "lock1 a=x lock2 b=y unlock2 unlock1 | y=1 gp x=1", "a=1 b=0");
    sharp("L12 swapped", "lock1 b=y lock2 ~ a=x unlock2 unlock1 | y=1 gp x=1", "a=1 b=0");
    seen("L13", "lock1 b=y ~ lock2 unlock1 ~ ~ ~ a=x unlock2 | y=1 gp x=1", "a=1 b=0");
    seen("L14", "lock1 b=y ~ lock2t unlock1 ~ ~ a=x unlock2t | y=1 gpt x=1", "a=1 b=0");
    seen("L15", "lock1 x=1 ~ lock2 unlock1 ~ ~ ~ y=1 unlock2 | a=x gp b=y", "a=1 b=0");
    seen("L16", "lock1 x=1 ~ lock2 z=1 unlock1 ~ ~ ~ y=1 unlock2 | a=x c=z gp d=z b=y", "a=1 b=0");
    sharp("L17", "lock1 b=y i:=1 | await:i ~ a=x unlock1 | y=1 gp x=1", "a=1 b=0");
  }

  private void barriers() {
    allowed("L20", "lock1 x=1 unlock1 a=y | y=1 mb b=x", "a=0 b=0");
    blunt("L21", "lock1 x=1 unlock1 mb a=y | y=1 mb b=x", "a=0 b=0");
    allowed("L22 no section", "x=1 a=y | y=1 mb b=x", "a=0 b=0");
    allowed("L22 after the read", "lock1 x=1 a=y unlock1 mb | y=1 mb b=x", "a=0 b=0");
    allowed("L22 section before", "lock1 unlock1 x=1 a=y | y=1 mb b=x", "a=0 b=0");
  }

  private void observed() {
    sharp("L23", "lock1 y=1 ~ ~ ~ x=1 unlock1 | ~ a=y gp b=z | ~ ~ z=1 mb c=x", "a=1 b=0 c=0");
    sharp("L24", "lock1 y=1 ~ ~ ~ x=1 unlock1 | ~ a=y gp z=1 | ~ ~ z=2 mb c=x", "a=1 c=0 z=2");
    sharp("L25", "lock1 y=1 ~ x=1 unlock1 | a=y gp z=1 | z=2 mb x=2", "a=1 x=1 z=2");
    allowed("L26 release", "lock1 y=2 ~ x=1 unlock1 | y=1 gp z=2 | z=1 x:=2", "x=1 y=1 z=1");
    sharp("L26 mb", "lock1 y=2 ~ x=1 unlock1 | y=1 gp z=2 | z=1 mb x=2", "x=1 y=1 z=1");
    allowed("L27", "lock1 y=2 a=x unlock1 b=z c=w | y=1 gp z=1 | w=1 mb x=1", "a=1 b=1 c=0 y=1");
  }

  private void chains() {
    blunt("L28", "x=1 | a=x gp y=1 | lock1 b=y c=x unlock1", "a=1 b=1 c=0");
    sharp("L28 swapped", "~ x=1 | ~ ~ a=x gp y=1 | lock1 c=x ~ ~ ~ b=y unlock1", "a=1 b=1 c=0");
    sharp("L28 other way", "~ ~ x=1 | lock1 y=1 ~ ~ ~ a=x unlock1 | ~ b=y gp c=x", "a=1 b=1 c=0");
    blunt("L29", "x=1 | a=x gp y=1 | lock1 y=2 c=x unlock1", "a=1 c=0 y=2");
    sharp("L29 swapped", "~ x=1 | ~ ~ a=x gp y=1 | lock1 c=x ~ ~ ~ y=2 unlock1", "a=1 c=0 y=2");
    sharp("L30", "lock1 x=1 ~ ~ ~ y=1 unlock1 | ~ a=x gp z=1 | ~ ~ c=z gp b=y", "a=1 c=1 b=0");
    seen("L31", "lock1 x=1 ~ ~ y=1 unlock1 | lock2 z=1 ~ a=x unlock2 | c=z gp b=y", "a=1 c=1 b=0");
    blunt("L32", "lock1 a=x b=y unlock1 | c=y gp d=x | x=1 | y=1", "a=1 b=0 c=1 d=0");
    sharp("L32 swapped", "lock1 b=y ~ a=x unlock1 | c=y gp d=x | x=1 | y=1", "a=1 b=0 c=1 d=0");
    sharp(
        "L33",
        "lock1 a=x ~ ~ w=1 unlock1 | x=1 gp b=y | lock2t c=z ~ y=1 unlock2t | z=1 gpt d=w",
        "a=0 b=0 c=0 d=0");
    seen(
        "L34",
        "lock1 a=x ~ w=1 unlock1 | lock2t b=y ~ x=1 unlock2t | y=1 gp c=z | z=1 gpt d=w",
        "a=0 b=0 c=0 d=0");
  }

  private void revocation() {
    // The pointer r is 0 while it leads to the object, n is 1 when the object is dead.
    sharp("K1", "lock1 a=r ~ b=n unlock1 | r=1 gp n=1", "a=0 b=1");
    sharp("K6", "lock1 a=r ~ b=n c=s ~ d=o unlock1 | r=1 gp n=1 | s=1 gp o=1", "a=0 b=1 | c=0 d=1");
  }

  /** Forbidden, and this machine shows it when grace periods are broken. */
  private void sharp(String name, String program, String outcome) {
    add(name, program, outcome, FORBIDDEN, true);
  }

  /** Forbidden, and x86 does not show it even without grace periods. */
  private void blunt(String name, String program, String outcome) {
    add(name, program, outcome, FORBIDDEN, false);
  }

  /** Allowed, and this machine shows it. */
  private void seen(String name, String program, String outcome) {
    add(name, program, outcome, ALLOWED, true);
  }

  /** Allowed, and this machine, which reorders little, does not show it. */
  private void allowed(String name, String program, String outcome) {
    add(name, program, outcome, ALLOWED, false);
  }

  private void add(String name, String program, String outcome, Verdict verdict, boolean teeth) {
    rows.add(Litmus.of(name, program, outcome, verdict, teeth));
  }
}
