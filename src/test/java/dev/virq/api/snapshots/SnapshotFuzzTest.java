package dev.virq.api.snapshots;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.clock.SandboxClock;
import dev.virq.conformance.CutRun;
import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.host.VmFile;
import dev.virq.limits.Budget;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.limits.WaitersTotal;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.SnapshotFault;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.Snapshots;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import dev.virq.workqueue.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Documents that were changed somewhere: each is refused by a path and a sentence, or it is one
 * that a host can have been, is that again when it is restored, and works.
 *
 * <p>{@code virq.snapshot.mutations} is how many.
 */
class SnapshotFuzzTest {
  private static final int MUTATIONS = Integer.getInteger("virq.snapshot.mutations", 4_000);
  private static final long SEED = Long.getLong("virq.snapshot.seed", 2009);
  private static final int DOCUMENTS = 40;

  /** Characters of a document; a longer one has only more of the same. */
  private static final int LONGEST = 40_000;

  private final Random random = new Random(SEED);
  private final Mutation mutation = new Mutation(random);

  @Test
  void aChangedDocumentIsRefusedByNameOrLawful() {
    List<Map<String, Object>> documents = documents();
    int refused = 0;
    int accepted = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      Map<String, Object> document = copy(documents.get(random.nextInt(documents.size())));
      StringBuilder what = new StringBuilder();
      for (int more = random.nextInt(4) / 3; more >= 0; more--) {
        what.append(mutation.mutate(document)).append("; ");
      }
      Snapshot read;
      try {
        read = SnapshotJson.read(document);
      } catch (SnapshotFault fault) {
        assertThat(fault.pointer()).as("%s", what).startsWith("/");
        assertThat(fault.sentence()).as("%s", what).isNotBlank();
        refused++;
        continue;
      }
      accepted++;
      requireLawful(read, what.toString());
    }
    // Most changes show; some change one state to another.
    assertThat(refused).isGreaterThan(MUTATIONS / 4);
    assertThat(accepted).isGreaterThan(MUTATIONS / 20);
  }

  /** A check that misses something would let such a document pass. */
  @Test
  void theDocumentsThemselvesAreAccepted() {
    for (Map<String, Object> document : documents()) {
      requireLawful(SnapshotJson.read(document), "unchanged");
    }
  }

  private static void requireLawful(Snapshot read, String what) {
    Quota total = new Quota("objects", 1_000_000, Errno.ENFILE, null);
    Budget memory = Budget.unbounded();
    Limits limits = TestLimits.defaults();
    Host host = boot(total, memory, limits, read.clock().kind());
    host.clock().hold();
    long before = memory.used();
    try {
      Snapshots.restore(host, read);
    } catch (ErrnoException e) {
      assertThat(e.errno()).as("%s", what).isIn(Errno.EMFILE, Errno.ENFILE);
      end(host);
      assertThat(total.used()).as("%s", what).isZero();
      return;
    }
    assertThat(Snapshots.take(host, read.virq(), true)).as("%s", what).isEqualTo(read);
    drive(host, what);
    end(host);
    assertThat(host.bugs()).as("%s", what).isZero();
    assertThat(total.used()).as("%s", what).isZero();
    assertThat(memory.used()).as("%s", what).isEqualTo(before);
  }

  private static Host boot(Quota total, Budget memory, Limits limits, SandboxClock.Kind kind) {
    return new Host(
        new HostOptions(
            "fuzz",
            1,
            1,
            Workers.virtual(),
            limits,
            new Totals(total),
            memory,
            new WaitersTotal(limits.waitersTotal()),
            Probe.NONE,
            new TraceBuffer(limits.events(), () -> 0),
            () -> 0,
            // Its reading goes as far as the snapshot says, and it stands.
            new SandboxClock(kind, () -> 0)));
  }

  private static void end(Host host) {
    var _ =
        host.shutDown(
            EndCause.RESET, new ErrnoException(Errno.ECANCELED, "the test is over"), LONG);
  }

  /** What is there does what such things do; refusals are answers. */
  private static void drive(Host host, String what) {
    for (VmFile file : host.vms().list(0, Integer.MAX_VALUE)) {
      long vm = file.id();
      if (file.state() != VmFile.State.OPEN) {
        continue;
      }
      for (long gsi : host.chips().lines(vm, -1, 40)) {
        attempt(() -> host.chips().setLine(vm, gsi, true), what);
        attempt(() -> host.chips().setLine(vm, gsi, false), what);
      }
      attempt(() -> host.chips().signalMsi(vm, 0xfee0_0000L, 0x41, 0), what);
      host.clock().advance(1_000_000_000);
      for (long vcpu : host.vcpus().list(vm)) {
        attempt(() -> host.vcpus().events(vm, vcpu), what);
        attempt(() -> woken(host, vm, vcpu), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.lapicRead(vcpu, 0x390)), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.picAck(vcpu)), what);
        attempt(() -> host.vcpus().lapics(vm, port -> port.takeVector(vcpu)), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.eoi(vcpu)), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.out(vcpu, 0x20, 0x20)), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.in(vcpu, 0x20)), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.ioapicWrite(vcpu, 0x10, 1)), what);
        attempt(() -> host.vcpus().guest(vm, vcpu, port -> port.lapicWrite(vcpu, 0x3e0, 3)), what);
        timer(host, vm, vcpu, what);
      }
    }
    for (var eventfd : host.eventfds().list(0, 40)) {
      EventfdName name = EventfdName.id(eventfd.id());
      attempt(() -> host.eventfds().write(name, 1), what);
      attempt(() -> host.eventfds().read(name, 0), what);
      attempt(() -> host.eventfds().dup(name), what);
    }
    attempt(() -> host.vms().create(null), what);
    attempt(() -> host.eventfds().create(0, false, false, null), what);
    host.waits().settled(LONG);
  }

  /** The timer is switched to each mode as it stands, and its time comes; then it is started. */
  private static void timer(Host host, long vm, long vcpu, String what) {
    for (int start : new int[] {0, 5_000}) {
      for (int mode = 0; mode <= 3; mode++) {
        int entry = mode << 17 | 0x30;
        attempt(
            () -> host.vcpus().guest(vm, vcpu, port -> port.lapicWrite(vcpu, 0xf0, 0x1ff)), what);
        attempt(
            () -> host.vcpus().guest(vm, vcpu, port -> port.lapicWrite(vcpu, 0x320, entry)), what);
        if (start > 0) {
          attempt(
              () -> host.vcpus().guest(vm, vcpu, port -> port.lapicWrite(vcpu, 0x380, start)),
              what);
        }
        host.clock().advance(1_000_000_000);
        attempt(() -> host.vcpus().events(vm, vcpu), what);
      }
    }
  }

  /** A vCPU whose NMIs were set, awake. */
  private static Object woken(Host host, long vm, long vcpu) {
    host.vcpus().setNmis(vm, vcpu, 1, null);
    host.vcpus().wake(vm, vcpu);
    return host.vcpus().events(vm, vcpu);
  }

  private interface Call {
    Object make();
  }

  private static void attempt(Call call, String what) {
    try {
      Object _ = call.make();
    } catch (ErrnoException _) {
      // An answer.
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  /** Of recordings, cut in the middle. */
  private static List<Map<String, Object>> documents() {
    List<Map<String, Object>> documents = new ArrayList<>();
    List<Recording> all = Recordings.all();
    for (int i = 0; i < DOCUMENTS; i++) {
      Recording recording = all.get(i * all.size() / DOCUMENTS);
      Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
      Host host = TestHosts.boot(1);
      try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
        int half = script.operations().size() * 2 / 3;
        var _ = runner.run(new Script(script.operations().subList(0, half)));
        Map<String, Object> document = CutRun.json(Snapshots.take(host, "test", true));
        if (document.toString().length() < LONGEST) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  @SuppressWarnings("unchecked") // an object
  private static Map<String, Object> copy(Map<String, Object> document) {
    return (Map<String, Object>) Mutation.copy(document);
  }
}
