package dev.virq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.script.Script;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The law of snapshots: a script that is cut anywhere, and goes on in another host that is made of
 * a snapshot, is answered as if it had not been cut.
 *
 * <p>{@code virq.snapshot.cuts} is how often each script is cut, each time by itself, and {@code
 * virq.snapshot.seed} decides where.
 */
class SnapshotLawTest {
  private static final int CUTS = Integer.getInteger("virq.snapshot.cuts", 2);
  private static final long SEED = Long.getLong("virq.snapshot.seed", 2009);

  /** Periodic, one-shot and up to a deadline; one is masked when it expires. */
  private static final Script TIMERS =
      Script.parse(
          """
          vm_create v
          irqchip_create v
          vcpu_create v p 0
          vcpu_create v o 1
          vcpu_create v d 2
          vcpu_cpuid v p
          vcpu_cpuid v d tsc-deadline
          lapic_enable v p
          lapic_enable v o
          lapic_enable v d
          guest_lapic_write v p 0x320 0x20041
          guest_lapic_write v p 0x380 5000000
          guest_lapic_write v o 0x320 0x10042
          guest_lapic_write v o 0x380 4000000
          guest_lapic_write v d 0x320 0x40043
          guest_wrmsr v d 0x6e0 50000000
          advance v 3000000
          guest_lapic_read v p 0x390
          guest_lapic_read v o 0x390
          guest_rdmsr v d 0x6e0
          guest_lapic_write v p 0x3e0 0xb
          advance v 7000000
          get_lapic v p
          guest_lapic_read v o 0x390
          guest_lapic_write v o 0x320 0x42
          guest_lapic_read v o 0x20
          get_lapic v o
          lapic_ack v p
          guest_eoi v p
          advance v 40000000
          get_lapic v p
          get_lapic v o
          get_lapic v d
          guest_lapic_read v d 0x20
          get_lapic v d
          guest_lapic_read v p 0x390
          """,
          100);

  private final Random random = new Random(SEED);

  @Test
  void aScriptThatIsCutIsAnsweredAsOneThatIsNot() {
    int cuts = 0;
    for (Recording recording : Recordings.all()) {
      Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
      CutRun whole = CutRun.whole(script);
      for (int i = 0; i < CUTS; i++) {
        int at = random.nextInt(script.operations().size() + 1);
        CutRun cut = CutRun.of(script, at, CutRun::forgetsNothing);
        recording.require(cut.answers());
        assertThat(cut).as("%s, cut after %d", recording.name(), at).isEqualTo(whole);
        cuts++;
      }
    }
    assertThat(cuts).isGreaterThanOrEqualTo(632 * CUTS);
  }

  /** Few recordings have a timer that counts on, for the time of a real machine is its own. */
  @Test
  void timersGoOnWithWhatIsLeft() {
    boolean caught = false;
    for (int at = 0; at <= TIMERS.operations().size(); at++) {
      CutRun whole = CutRun.whole(TIMERS);
      assertThat(CutRun.of(TIMERS, at, CutRun::forgetsNothing)).as("%d", at).isEqualTo(whole);
      caught |= !CutRun.of(TIMERS, at, Omission.TIMER).answers().equals(whole.answers());
    }
    assertThat(caught).isTrue();
  }

  /** Made before ids of 32 bits were agreed to, it stays as it was made. */
  @Test
  void mapGoesOnWithTheIdsThatItWasMadeWith() {
    Recording recording =
        Recordings.all().stream()
            .filter(one -> one.name().equals("refused-restore-keeps-the-map"))
            .findFirst()
            .orElseThrow();
    Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
    boolean caught = false;
    for (int at = 0; at <= script.operations().size(); at++) {
      recording.require(CutRun.of(script, at, CutRun::forgetsNothing).answers());
      caught |= !CutRun.of(script, at, Omission.WIDE_MAP).answers().equals(recording.steps());
    }
    assertThat(caught).isTrue();
  }

  /** By the answers alone. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TIMER", "WIDE_MAP"})
  void whatARestoreForgetsIsCaught(Omission omission) {
    assertThat(isCaught(omission)).isTrue();
  }

  private boolean isCaught(Omission omission) {
    for (int round = 0; round < 40; round++) {
      // The scenarios first, which come last: each is made for one rule.
      for (Recording recording : Recordings.all().reversed()) {
        Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
        int at = random.nextInt(script.operations().size() + 1);
        if (!CutRun.of(script, at, omission).answers().equals(recording.steps())) {
          return true;
        }
      }
    }
    return false;
  }
}
