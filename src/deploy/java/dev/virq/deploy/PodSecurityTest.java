package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every pod passes the restricted Pod Security Standard, field by field, and has the few things
 * more that virq promises: no root, no token, nothing to write on but an empty {@code /tmp}.
 */
class PodSecurityTest {
  /** Kinds of volume that the standard lets through. */
  private static final Set<String> VOLUMES =
      Set.of(
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "persistentVolumeClaim",
          "projected",
          "secret");

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void everyPodIsRestricted(Combination combination) {
    List<JsonNode> pods = pods(Chart.with(directory, combination.yaml()));

    assertThat(pods).hasSize(combination == Combination.HASHED_BY_HAPROXY ? 3 : 2);
    for (JsonNode pod : pods) {
      assertThat(faults(pod)).isEmpty();
    }
  }

  @Test
  void podThatIsNotRestrictedIsFound() {
    JsonNode pod =
        Yaml.one(
            """
            hostNetwork: true
            hostPID: true
            hostIPC: true
            automountServiceAccountToken: true
            securityContext: {sysctls: [{name: kernel.msgmax, value: "1"}]}
            volumes: [{name: host, hostPath: {path: /}}]
            initContainers: [{name: init}]
            containers:
              - name: bad
                ports: [{containerPort: 1, hostPort: 1}]
                securityContext:
                  privileged: true
                  allowPrivilegeEscalation: true
                  runAsUser: 0
                  procMount: Unmasked
                  seLinuxOptions: {user: root}
                  seccompProfile: {type: Unconfined}
                  capabilities: {add: [SYS_ADMIN]}
            """);

    assertThat(faults(pod))
        .contains(
            "hostNetwork",
            "hostPID",
            "hostIPC",
            "automountServiceAccountToken",
            "runAsNonRoot",
            "sysctls",
            "volume host",
            "bad: hostPort",
            "bad: privileged",
            "bad: allowPrivilegeEscalation",
            "bad: runAsUser",
            "bad: procMount",
            "bad: seLinuxOptions",
            "bad: seccompProfile",
            "bad: capabilities.drop",
            "bad: capabilities.add",
            "bad: readOnlyRootFilesystem",
            "init: allowPrivilegeEscalation");
  }

  @ParameterizedTest
  @EnumSource
  void onlyAnEmptyTmpAndTheVolumeOfTheHandoverCanBeWritten(Combination combination) {
    for (JsonNode pod : pods(Chart.with(directory, combination.yaml()))) {
      List<String> writable = new ArrayList<>();
      pod.at("/containers/0/volumeMounts")
          .forEach(mount -> {
            if (!mount.path("readOnly").asBoolean()) {
              writable.add(mount.path("name").asText() + " " + mount.path("mountPath").asText());
            }
          });
      boolean handsOver =
          pod.at("/containers/0/env").findValuesAsText("name").contains("VIRQ_HANDOVER");
      assertThat(writable)
          .containsExactlyElementsOf(
              handsOver ? List.of("tmp /tmp", "handover /var/lib/virq") : List.of("tmp /tmp"));
      assertThat(pod.path("volumes"))
          .anySatisfy(volume -> {
            assertThat(volume.path("name").asText()).isEqualTo("tmp");
            assertThat(volume.at("/emptyDir/sizeLimit").asText()).endsWith("Mi");
          });
    }
  }

  @Test
  void serviceAccountHandsOutNoToken() {
    assertThat(
            Chart.with(directory, "")
                .object("ServiceAccount", "demo-virq")
                .path("automountServiceAccountToken")
                .asBoolean(true))
        .isFalse();
  }

  /** The specification of every pod: the server's, the gateway's and the test's. */
  private static List<JsonNode> pods(Chart chart) {
    List<JsonNode> pods = new ArrayList<>();
    for (JsonNode object : chart.objects()) {
      switch (object.path("kind").asText()) {
        case "Pod" -> pods.add(object.path("spec"));
        case "Deployment", "StatefulSet" -> pods.add(object.at("/spec/template/spec"));
        default -> {
          // Has no pod.
        }
      }
    }
    return pods;
  }

  private static List<String> faults(JsonNode pod) {
    List<String> faults = new ArrayList<>();
    for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
      check(faults, field, !pod.path(field).asBoolean());
    }
    check(
        faults,
        "automountServiceAccountToken",
        !pod.path("automountServiceAccountToken").asBoolean(true));
    JsonNode security = pod.path("securityContext");
    check(faults, "runAsNonRoot", security.path("runAsNonRoot").asBoolean());
    check(faults, "runAsUser", security.path("runAsUser").asInt() == 10001);
    check(faults, "sysctls", security.path("sysctls").isEmpty());
    check(
        faults,
        "seccompProfile",
        security.at("/seccompProfile/type").asText().equals("RuntimeDefault"));
    for (JsonNode volume : pod.path("volumes")) {
      check(
          faults,
          "volume " + volume.path("name").asText(),
          volume.properties().stream()
              .allMatch(
                  entry -> entry.getKey().equals("name") || VOLUMES.contains(entry.getKey())));
    }
    for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
      pod.path(kind).forEach(container -> container(faults, container));
    }
    return faults;
  }

  private static void container(List<String> faults, JsonNode container) {
    String name = container.path("name").asText() + ": ";
    for (JsonNode port : container.path("ports")) {
      check(faults, name + "hostPort", port.path("hostPort").asInt() == 0);
    }
    JsonNode security = container.path("securityContext");
    check(faults, name + "privileged", !security.path("privileged").asBoolean());
    check(
        faults,
        name + "allowPrivilegeEscalation",
        !security.path("allowPrivilegeEscalation").asBoolean(true));
    check(faults, name + "runAsNonRoot", security.path("runAsNonRoot").asBoolean());
    check(faults, name + "runAsUser", security.path("runAsUser").asInt() == 10001);
    check(
        faults,
        name + "readOnlyRootFilesystem",
        security.path("readOnlyRootFilesystem").asBoolean());
    check(
        faults, name + "procMount", security.path("procMount").asText("Default").equals("Default"));
    check(faults, name + "seLinuxOptions", security.path("seLinuxOptions").isMissingNode());
    check(
        faults,
        name + "seccompProfile",
        security.at("/seccompProfile/type").asText().equals("RuntimeDefault"));
    JsonNode drop = security.at("/capabilities/drop");
    check(
        faults, name + "capabilities.drop", drop.size() == 1 && drop.get(0).asText().equals("ALL"));
    check(faults, name + "capabilities.add", security.at("/capabilities/add").isEmpty());
  }

  private static void check(List<String> faults, String field, boolean right) {
    if (!right) {
      faults.add(field);
    }
  }
}
