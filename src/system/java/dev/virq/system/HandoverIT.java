package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.system.Rest.Answer;
import dev.virq.testing.Await;
import dev.virq.testing.ServerProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Instances that hand their sandboxes over: a rolling update under load ends none, a start that
 * fails loses none, and what is lost is not brought back as it was before.
 */
@Tag("thorough")
class HandoverIT {
  private static final int RIGS = 24;
  private static final List<String> NODES = List.of("virq-0", "virq-1", "virq-2");
  private static final int GRACE_SECONDS = 60;

  @TempDir private Path directory;

  private List<Patient> patients(Fleet fleet) throws Exception {
    List<Rig> rigs =
        IntStream.range(0, RIGS).mapToObj(i -> new Rig(fleet.rest(), "kept-" + i)).toList();
    List<Patient> patients =
        ScaleOutIT.atOnce(rigs, Rig::begin).stream().map(Patient::new).toList();
    patients.forEach(Patient::start);
    return patients;
  }

  private static List<Patient> on(List<Patient> patients, String node) {
    return patients.stream().filter(patient -> patient.rig().node().equals(node)).toList();
  }

  /** Replaces an instance once all its clients have had signals acknowledged, and tells all. */
  private static Fleet.Drained update(Fleet fleet, String node, List<Patient> patients)
      throws Exception {
    for (Patient own : on(patients, node)) {
      own.untilAcknowledgedAfter("");
    }
    Fleet.Drained drained = fleet.update(node);
    patients.forEach(Patient::tell);
    return drained;
  }

  private List<String> left(String node) throws Exception {
    Path left = directory.resolve(node).resolve("left");
    if (!Files.isDirectory(left)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(left)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void rollingUpdateUnderLoadEndsNoSandboxAndAKillBringsNoneBack() throws Exception {
    try (Fleet fleet =
        Fleet.start(directory, NODES, "--virq.handover=" + directory.resolve("NAME"))) {
      List<Patient> patients = patients(fleet);

      List<Fleet.Drained> ended = new ArrayList<>();
      for (String node : NODES) {
        Fleet.Drained drained = update(fleet, node, patients);
        ended.add(drained);
        for (Patient own : on(patients, node)) {
          // Each call names the life that it is for, and is answered by another life of the node.
          own.untilAcknowledgedAfter(drained.epoch());
        }
      }
      for (String node : NODES) {
        assertThat(left(node)).as(node).isEmpty();
      }
      // Under load, and without a word.
      String lost = patients.getFirst().rig().node();
      fleet.kill(lost);
      fleet.begin(lost);
      patients.forEach(Patient::tell);
      for (Patient patient : patients) {
        patient.untilAnswered();
        patient.end();
      }

      assertThat(ended).allMatch(drained -> drained.exit() == 0 && drained.lost() == 0);
      int refused = 0;
      int acknowledged = 0;
      int ambiguous = 0;
      for (Patient patient : patients) {
        Rig rig = patient.rig();
        Answer now = rig.look();
        assertThat(now.node()).isEqualTo(rig.node());
        if (rig.node().equals(lost)) {
          assertThat(now.status()).isEqualTo(404);
        } else {
          assertThat(now.ok().text("uid")).isEqualTo(rig.uid());
          assertThat(rig.injected())
              .isBetween(
                  (long) patient.acknowledged(),
                  (long) patient.acknowledged() + patient.ambiguous());
        }
        refused += patient.refused();
        acknowledged += patient.acknowledged();
        ambiguous += patient.ambiguous();
      }
      assertThat(refused).isPositive();
      assertThat(fleet.log(lost)).contains("goes on with 0 sandboxes");
      System.out.printf(
          "rolling update with handover, then a kill: %d sandboxes, %d of them lost by the kill,"
              + " %d signals acknowledged, %d calls refused, %d without an answer%n",
          RIGS, on(patients, lost).size(), acknowledged, refused, ambiguous);
    }
  }

  /** The same without a handover, so that the test above is known to tell the difference. */
  @Test
  void withoutHandoverAnUpdateEndsThem() throws Exception {
    try (Fleet fleet = Fleet.start(directory, NODES)) {
      List<Patient> patients = patients(fleet);
      String node = patients.getFirst().rig().node();

      Fleet.Drained drained = update(fleet, node, patients);
      for (Patient own : on(patients, node)) {
        own.untilAnswered();
        own.end();
        assertThat(own.epoch()).isEqualTo(drained.epoch());
        Answer answer = own.rig().signal();
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.node()).isEqualTo(node);
      }
      for (Patient patient : patients) {
        patient.end();
      }
    }
  }

  private ServerProcess start(String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--virq.handover=" + directory.resolve("one"));
    return ServerProcess.start(
        ServerProcess.program(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"), arguments));
  }

  private static void end(ServerProcess server) throws Exception {
    assertThat(server.handle().destroy()).isTrue();
    assertThat(server.end(GRACE_SECONDS)).as(server.log()).isZero();
  }

  /** A start that is refused with this sentence. */
  private void assertRefused(String sentence, String... more) throws Exception {
    try (ServerProcess refused = start(more)) {
      assertThat(refused.end(GRACE_SECONDS)).as(refused.log()).isEqualTo(1);
      assertThat(refused.log()).contains(sentence).doesNotContain("\tat ");
    }
    assertThat(left("one")).containsExactlyInAnyOrder("default.json", "kept.json");
  }

  @Test
  void startThatFailsLosesNothingAndAFileOfSandboxesIsNotRunAgain() throws Exception {
    Path init =
        Files.writeString(
            directory.resolve("init.yaml"),
            """
            sandboxes:
              - {name: default, script: vm_create once}
              - {name: other, script: vm_create once}
            """);
    Path broken =
        Files.writeString(directory.resolve("broken.yaml"), "sandboxes: [{name: x, script: what}]");
    Rig rig;
    try (ServerProcess first = start("--server.port=0", "--virq.init=" + init)) {
      Rest rest = new Rest(first.port());
      rig = new Rig(rest, "kept").begin();
      assertThat(rig.signal().status()).isEqualTo(200);
      var _ = rest.delete("/v1/sandboxes/other").ok();
      end(first);
    }
    assertRefused("virq.init: " + broken, "--server.port=0", "--virq.init=" + broken);
    // What this start does not take, the next one does.
    assertRefused(
        "virq.init: " + broken,
        "--server.port=0",
        "--virq.limits.max-workers=3",
        "--virq.workers=3",
        "--virq.init=" + broken);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertRefused("already in use", "--server.port=" + taken.getLocalPort());
    }
    try (ServerProcess ended = start("--server.port=0")) {
      Await.until(() -> ended.log().contains("goes on with"));
      boolean _ = ended.handle().destroy();
      assertThat(ended.end(GRACE_SECONDS)).as(ended.log()).isZero();
    }
    assertThat(left("one")).containsExactlyInAnyOrder("default.json", "kept.json");
    try (ServerProcess again = start("--server.port=0", "--virq.init=" + init)) {
      Rest rest = new Rest(again.port());
      assertThat(rest.get(rig.path()).ok().text("uid")).isEqualTo(rig.uid());
      assertThat(rest.get(rig.path() + "/vms/vm-1/gsis/5").ok().number("injected")).isEqualTo(1);
      assertThat(rest.get("/v1/sandboxes/default").ok().body().path("counts").path("vms").asInt())
          .isEqualTo(1);
      // It had been deleted, and the file makes it again.
      assertThat(rest.get("/v1/sandboxes/other/vms/vm-1").ok().text("name")).isEqualTo("once");
      assertThat(left("one")).isEmpty();

      try (ServerProcess second = start("--server.port=0")) {
        assertThat(second.end(GRACE_SECONDS)).isEqualTo(1);
        assertThat(second.log())
            .contains("one: another process uses it, and each instance needs its own")
            .doesNotContain("\tat ");
      }
      end(again);
      assertThat(again.log()).contains("left 3 of 3 settled sandboxes");
    }
  }
}
