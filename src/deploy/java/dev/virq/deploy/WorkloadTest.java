package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The pod and what leads to it. */
class WorkloadTest {
  private static final String COMPONENT = "app.kubernetes.io/component";

  @TempDir private Path directory;

  @Test
  void oneInstanceIsADeploymentThatIsStoppedBeforeItsSuccessorStarts() {
    JsonNode deployment = Chart.with(directory, "").object("Deployment", "demo-virq");

    assertThat(deployment.at("/spec/replicas").asInt()).isOne();
    assertThat(deployment.at("/spec/strategy")).isEqualTo(Yaml.one("type: Recreate"));
  }

  @Test
  void severalInstancesAreAStatefulSetBehindARouteThatEnvoyGatewayHashes() {
    Chart chart = Chart.with(directory, Combination.HASHED_BY_ENVOY_GATEWAY.yaml());

    assertThat(chart.names()).noneMatch(name -> name.startsWith("Deployment"));
    JsonNode set = chart.object("StatefulSet", "demo-virq");
    assertThat(set.at("/spec/replicas").asInt()).isEqualTo(3);
    assertThat(set.at("/spec/podManagementPolicy").asText()).isEqualTo("Parallel");
    JsonNode nodes = chart.object("Service", set.at("/spec/serviceName").asText());
    assertThat(nodes.at("/spec/clusterIP").asText()).isEqualTo("None");
    JsonNode route = chart.object("HTTPRoute", "demo-virq");
    assertThat(route.at("/spec/rules/0/backendRefs/0"))
        .isEqualTo(Yaml.one("{name: demo-virq, port: 8080}"));
    JsonNode policy = chart.object("BackendTrafficPolicy", "demo-virq");
    assertThat(policy.at("/spec/targetRefs/0"))
        .isEqualTo(
            Yaml.one("{group: gateway.networking.k8s.io, kind: HTTPRoute, name: demo-virq}"));
    assertThat(policy.at("/spec/loadBalancer"))
        .isEqualTo(
            Yaml.one(
                "{type: ConsistentHash, consistentHash: {type: Header, header: {name: Sandbox}}}"));
  }

  @Test
  void severalInstancesMayBeHashedByIstio() {
    Chart chart = Chart.with(directory, Combination.HASHED_BY_ISTIO.yaml());

    JsonNode rule = chart.object("DestinationRule", "irq");

    assertThat(rule.at("/spec/host").asText()).isEqualTo("irq.lab.svc.cluster.local");
    assertThat(rule.at("/spec/trafficPolicy/loadBalancer/consistentHash/httpHeaderName").asText())
        .isEqualTo("Sandbox");
    assertThat(chart.names()).noneMatch(name -> name.startsWith("BackendTrafficPolicy"));
  }

  @Test
  void probesAskTheManagementPort() {
    JsonNode container = container("", Chart.KUBERNETES);

    assertThat(container.at("/startupProbe/httpGet"))
        .isEqualTo(Yaml.one("{path: /actuator/health/liveness, port: management}"));
    assertThat(container.at("/livenessProbe/httpGet"))
        .isEqualTo(Yaml.one("{path: /actuator/health/liveness, port: management}"));
    assertThat(container.at("/readinessProbe/httpGet"))
        .isEqualTo(Yaml.one("{path: /actuator/health/readiness, port: management}"));
    assertThat(container.path("ports"))
        .isEqualTo(
            Yaml.one(
                """
                - {name: http, containerPort: 8080, protocol: TCP}
                - {name: management, containerPort: 8081, protocol: TCP}
                """));
  }

  @Test
  void stopLeavesTheServiceFirstAndHasTimeToDrain() {
    JsonNode pod = pod(Chart.with(directory, ""), Chart.KUBERNETES);

    assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isEqualTo(40);
    assertThat(pod.at("/containers/0/lifecycle"))
        .isEqualTo(Yaml.one("preStop: {sleep: {seconds: 5}}"));
  }

  @ParameterizedTest
  @CsvSource({"1.29.4, false", "1.30.0, true", "1.30.2-gke.100, true", "1.34.1+k3s1, true"})
  void sleepBeforeTheStopIsLeftOutWhereTheClusterWouldRefuseThePod(String version, boolean there) {
    assertThat(container("", version).has("lifecycle")).isEqualTo(there);
  }

  @Test
  void resourcesHaveNoCpuLimitUnlessAskedFor() {
    assertThat(container("", Chart.KUBERNETES).path("resources"))
        .isEqualTo(Yaml.one("{requests: {cpu: 250m, memory: 512Mi}, limits: {memory: 512Mi}}"));
    assertThat(
            container("resources: {limits: {cpu: 1500m}}", Chart.KUBERNETES)
                .at("/resources/limits/cpu")
                .asText())
        .isEqualTo("1500m");
  }

  @Test
  void environmentSetsPortsNodeAndJvm() {
    assertThat(container("extraEnv: {A: b}", Chart.KUBERNETES).path("env"))
        .isEqualTo(
            Yaml.one(
                """
                - {name: SERVER_ADDRESS, value: "0.0.0.0"}
                - {name: SERVER_PORT, value: "8080"}
                - {name: MANAGEMENT_SERVER_PORT, value: "8081"}
                - {name: VIRQ_NODE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                - {name: VIRQ_ACCESS_HOSTS, value: "NAMES"}
                - name: JAVA_TOOL_OPTIONS
                  value: "-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError"
                - {name: A, value: b}
                """
                    .replace(
                        "NAMES",
                        "demo-virq.lab,demo-virq.lab.svc,demo-virq.lab.svc.cluster.local,"
                            + "demo-virq-management.lab,demo-virq-management.lab.svc,"
                            + "demo-virq-management.lab.svc.cluster.local")));
  }

  @ParameterizedTest
  @EnumSource
  void noServiceOfTheNamespaceBecomesASettingOfVirq(Combination combination) {
    JsonNode pod = pod(Chart.with(directory, combination.yaml()), Chart.KUBERNETES);

    assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
  }

  @Test
  void configIsMountedWhereSpringLooksAndAChangeRestartsThePod() {
    Chart one = Chart.with(directory, "config: {workers: 2, breakpoints: {enabled: false}}");
    Chart other = Chart.with(directory, "config: {workers: 3}");

    JsonNode file =
        Yaml.one(one.object("ConfigMap", "demo-virq-config").at("/data/application.yaml").asText());
    assertThat(file).isEqualTo(Yaml.one("virq: {workers: 2, breakpoints: {enabled: false}}"));
    JsonNode pod = pod(one, Chart.KUBERNETES);
    assertThat(pod.at("/containers/0/env"))
        .contains(Yaml.one("{name: SPRING_CONFIG_ADDITIONAL_LOCATION, value: 'file:/etc/virq/'}"));
    assertThat(pod.at("/containers/0/volumeMounts"))
        .contains(Yaml.one("{name: config, mountPath: /etc/virq, readOnly: true}"));
    assertThat(pod.path("volumes"))
        .contains(Yaml.one("{name: config, configMap: {name: demo-virq-config}}"));
    assertThat(checksum(one)).isNotEmpty().isNotEqualTo(checksum(other));
  }

  @Test
  void onlyInstanceHandsOverOnTheVolumeOfAClaim() {
    Chart chart = Chart.with(directory, Combination.EVERYTHING.yaml());

    assertThat(chart.object("PersistentVolumeClaim", "demo-virq-handover").path("spec"))
        .isEqualTo(
            Yaml.one(
                "{accessModes: [ReadWriteOnce], storageClassName: fast,"
                    + " resources: {requests: {storage: 512Mi}}}"));
    JsonNode pod = pod(chart, Chart.KUBERNETES);
    assertHandsOver(pod);
    assertThat(pod.path("volumes"))
        .contains(
            Yaml.one("{name: handover, persistentVolumeClaim: {claimName: demo-virq-handover}}"));
  }

  @Test
  void claimThatIsThereIsUsedInPlaceOfAnother() {
    Chart chart = Chart.with(directory, Combination.OPEN.yaml());

    assertThat(chart.names()).noneMatch(name -> name.startsWith("PersistentVolumeClaim"));
    assertThat(pod(chart, Chart.KUBERNETES).path("volumes"))
        .contains(
            Yaml.one("{name: handover, persistentVolumeClaim: {claimName: volume-of-the-lab}}"));
  }

  @Test
  void eachOfSeveralInstancesHandsOverOnAVolumeOfItsOwn() {
    Chart chart = Chart.with(directory, Combination.HASHED_BY_HAPROXY.yaml());

    assertThat(chart.names()).noneMatch(name -> name.startsWith("PersistentVolumeClaim"));
    JsonNode set = chart.object("StatefulSet", "demo-virq");
    JsonNode claims = set.at("/spec/volumeClaimTemplates");
    assertThat(claims).hasSize(1);
    assertThat(claims.at("/0/metadata/name").asText()).isEqualTo("handover");
    assertThat(claims.at("/0/metadata/labels")).isEqualTo(set.at("/spec/selector/matchLabels"));
    assertThat(claims.at("/0/spec"))
        .isEqualTo(
            Yaml.one("{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"));
    JsonNode pod = set.at("/spec/template/spec");
    assertHandsOver(pod);
    assertThat(pod.path("volumes").findValuesAsText("name")).doesNotContain("handover");
    String shared =
        Combination.HASHED_BY_HAPROXY
            .yaml()
            .replace("handover: {", "handover: {existingClaim: a, ");
    assertThat(Refusal.of(() -> Chart.with(directory, shared).text(Chart.KUBERNETES)))
        .contains("handover.existingClaim does not go with routing.mode consistentHash");
  }

  private static void assertHandsOver(JsonNode pod) {
    JsonNode container = pod.at("/containers/0");
    assertThat(container.path("env"))
        .contains(Yaml.one("{name: VIRQ_HANDOVER, value: /var/lib/virq/handover}"));
    assertThat(container.path("volumeMounts"))
        .contains(Yaml.one("{name: handover, mountPath: /var/lib/virq}"));
  }

  @Test
  void withoutAskingNothingIsHandedOver() {
    Chart chart = Chart.with(directory, "");

    assertThat(chart.names()).noneMatch(name -> name.startsWith("PersistentVolumeClaim"));
    JsonNode pod = pod(chart, Chart.KUBERNETES);
    assertThat(pod.path("volumes").findValuesAsText("name")).doesNotContain("handover");
    assertThat(pod.at("/containers/0/env").findValuesAsText("name"))
        .doesNotContain("VIRQ_HANDOVER");
  }

  @Test
  void imageIsTheTagUnlessThereIsADigest() {
    String digest = "sha256:" + "a".repeat(64);

    assertThat(container("", Chart.KUBERNETES).path("image").asText())
        .isEqualTo("virq:" + Metadata.chart().path("appVersion").asText());
    assertThat(
            container("image: {repository: r/virq, tag: '2'}", Chart.KUBERNETES)
                .path("image")
                .asText())
        .isEqualTo("r/virq:2");
    assertThat(
            container("image: {tag: '2', digest: '%s'}".formatted(digest), Chart.KUBERNETES)
                .path("image")
                .asText())
        .isEqualTo("virq@" + digest);
  }

  @ParameterizedTest
  @EnumSource
  void everythingThatSelectsPodsSelectsTheServersAndNotTheTest(Combination combination) {
    List<JsonNode> objects = Chart.with(directory, combination.yaml()).objects();
    JsonNode server =
        objects.stream()
            .filter(WorkloadTest::isServer)
            .findFirst()
            .orElseThrow()
            .at("/spec/template/metadata/labels");
    JsonNode test =
        objects.stream()
            .filter(one -> one.path("kind").asText().equals("Pod"))
            .findFirst()
            .orElseThrow()
            .at("/metadata/labels");

    for (JsonNode object : objects) {
      String path =
          switch (object.path("kind").asText()) {
            case "Service" -> "/spec/selector";
            case "Deployment", "StatefulSet", "PodDisruptionBudget" -> "/spec/selector/matchLabels";
            case "NetworkPolicy" -> "/spec/podSelector/matchLabels";
            default -> "";
          };
      if (!path.isEmpty()) {
        assertThat(object.at(path)).isNotEmpty();
        boolean gateway =
            object.at(path).path(COMPONENT).asText().equals("gateway")
                && combination == Combination.HASHED_BY_HAPROXY;
        assertThat(selects(object.at(path), server)).as("%s", object).isNotEqualTo(gateway);
        assertThat(selects(object.at(path), test)).as("%s", object).isFalse();
      }
    }
  }

  @Test
  void selectorsStayAsTheyAreWhateverTheLabels() {
    JsonNode plain = Chart.with(directory, "").object("Deployment", "demo-virq");
    JsonNode labelled =
        Chart.with(
                directory,
                """
                labels: {app.kubernetes.io/name: other, team: a}
                podLabels: {app.kubernetes.io/instance: other, team: b}
                image: {tag: other}
                """)
            .object("Deployment", "demo-virq");

    assertThat(labelled.at("/spec/selector")).isEqualTo(plain.at("/spec/selector"));
    assertThat(
            selects(
                labelled.at("/spec/selector/matchLabels"),
                labelled.at("/spec/template/metadata/labels")))
        .isTrue();
    assertThat(labelled.at("/spec/template/metadata/labels/team").asText()).isEqualTo("b");
  }

  @ParameterizedTest
  @EnumSource
  void targetPortsAreThoseOfTheContainer(Combination combination) {
    Chart chart = Chart.with(directory, combination.yaml());
    List<String> ports =
        pod(chart, Chart.KUBERNETES).at("/containers/0/ports").findValuesAsText("name");

    for (JsonNode object : chart.objects()) {
      if (object.path("kind").asText().equals("Service")) {
        assertThat(object.at("/spec/ports").findValuesAsText("targetPort"))
            .hasSize(1)
            .isSubsetOf(ports);
      }
    }
  }

  @Test
  void metricsAndHealthAreNotOnTheServiceOfTheApi() {
    Chart chart = Chart.with(directory, Combination.EVERYTHING.yaml());

    JsonNode api = chart.object("Service", "demo-virq");
    JsonNode management = chart.object("Service", "demo-virq-management");

    assertThat(api.at("/spec/type").asText()).isEqualTo("LoadBalancer");
    assertThat(api.at("/spec/ports").findValuesAsText("targetPort")).containsExactly("http");
    assertThat(management.at("/spec/type").asText()).isEqualTo("ClusterIP");
    assertThat(management.at("/spec/ports/0/port").asInt()).isEqualTo(9000);
    JsonNode monitor = chart.object("ServiceMonitor", "demo-virq");
    assertThat(selects(monitor.at("/spec/selector/matchLabels"), management.at("/metadata/labels")))
        .isTrue();
    assertThat(selects(monitor.at("/spec/selector/matchLabels"), api.at("/metadata/labels")))
        .isFalse();
    assertThat(monitor.at("/spec/endpoints/0"))
        .isEqualTo(Yaml.one("{port: management, path: /actuator/prometheus, interval: 15s}"));
  }

  @Test
  void drainOfANodeMayEvictTheOnlyInstance() {
    JsonNode budget =
        Chart.with(directory, "podDisruptionBudget: {enabled: true}")
            .object("PodDisruptionBudget", "demo-virq");

    assertThat(budget.at("/spec/maxUnavailable").asInt()).isOne();
    assertThat(budget.path("spec").has("minAvailable")).isFalse();
  }

  @Test
  void networkPolicyLetsNothingOutAndTheTestIn() {
    JsonNode policy =
        Chart.with(directory, Combination.EVERYTHING.yaml()).object("NetworkPolicy", "demo-virq");

    assertThat(policy.at("/spec/policyTypes")).isEqualTo(Yaml.one("[Ingress, Egress]"));
    assertThat(policy.at("/spec/egress")).isEqualTo(Yaml.one("[]"));
    assertThat(policy.at("/spec/ingress/0/from"))
        .isEqualTo(
            Yaml.one(
                """
                - namespaceSelector: {}
                - podSelector:
                    matchLabels:
                      app.kubernetes.io/name: virq
                      app.kubernetes.io/instance: demo
                      app.kubernetes.io/component: test
                """));
    assertThat(policy.at("/spec/ingress/1/ports/0/port").asText()).isEqualTo("management");
  }

  @Test
  void networkPolicyIsThereUnlessSwitchedOff() {
    JsonNode policy = Chart.with(directory, "").object("NetworkPolicy", "demo-virq");

    assertThat(policy.at("/spec/egress")).isEqualTo(Yaml.one("[]"));
    assertThat(policy.at("/spec/ingress/0/from/0")).isEqualTo(Yaml.one("podSelector: {}"));
    assertThat(policy.at("/spec/ingress/1/from")).isEqualTo(Yaml.one("[namespaceSelector: {}]"));
    assertThat(Chart.with(directory, "networkPolicy: {enabled: false}").names())
        .noneMatch(name -> name.startsWith("NetworkPolicy"));
    assertThat(
            Chart.with(directory, Combination.OPEN.yaml())
                .object("NetworkPolicy", "demo-irq")
                .at("/spec/ingress/0")
                .has("from"))
        .isFalse();
  }

  @Test
  void namesOfRouteAndIngressAreAnswered() {
    assertThat(hosts(Combination.EVERYTHING))
        .contains("virq.example", "irq.example", "*.lab.example")
        .doesNotContain("*")
        .doesNotHaveDuplicates();
    assertThat(hosts(Combination.HASHED_BY_ENVOY_GATEWAY))
        .contains(
            "virq.example",
            "*.demo-virq-nodes",
            "*.demo-virq-nodes.lab",
            "*.demo-virq-nodes.lab.svc.cluster.local")
        .doesNotContain("*");
    // An ingress without hosts, and a route without hostnames, lead every name here.
    assertThat(hosts(Combination.OPEN)).contains("*");
    assertThat(hosts(Combination.HASHED_BY_ISTIO)).contains("*");
  }

  private List<String> hosts(Combination combination) {
    JsonNode env =
        pod(Chart.with(directory, combination.yaml()), Chart.KUBERNETES).at("/containers/0/env");
    for (JsonNode variable : env) {
      if (variable.path("name").asText().equals("VIRQ_ACCESS_HOSTS")) {
        return List.of(variable.path("value").asText().split(","));
      }
    }
    throw new AssertionError(env.toString());
  }

  @Test
  void tokensOfASecretAreMountedForTheServerAndForTheTest() {
    Chart own = Chart.with(directory, "access: {tokens: {value: \"# ours\\na-token\\n\"}}");
    Chart existing = Chart.with(directory, Combination.OPEN.yaml());

    assertThat(own.object("Secret", "demo-virq-tokens").at("/stringData/tokens").asText())
        .isEqualTo("# ours\na-token\n");
    assertThat(existing.names()).noneMatch(name -> name.startsWith("Secret"));
    tokensAreMounted(own, "demo-virq-tokens", "tokens");
    tokensAreMounted(existing, "tokens-of-the-lab", "file");
    assertThat(pod(Chart.with(directory, ""), Chart.KUBERNETES).toString())
        .doesNotContain("tokens", "VIRQ_ACCESS_TOKENS_FILE");
    // No more than the name of a Secret is in the pod.
    assertThat(pod(own, Chart.KUBERNETES).toString()).doesNotContain("a-token");
  }

  private static void tokensAreMounted(Chart chart, String secret, String key) {
    JsonNode server = pod(chart, Chart.KUBERNETES);
    JsonNode test =
        chart.objects().stream()
            .filter(one -> one.path("kind").asText().equals("Pod"))
            .findFirst()
            .orElseThrow()
            .path("spec");
    assertThat(server.at("/containers/0/env"))
        .contains(Yaml.one("{name: VIRQ_ACCESS_TOKENS_FILE, value: /etc/virq-tokens/tokens}"));
    assertThat(test.at("/containers/0/env"))
        .contains(Yaml.one("{name: VIRQ_TOKENS, value: /etc/virq-tokens/tokens}"));
    for (JsonNode pod : List.of(server, test)) {
      assertThat(pod.at("/containers/0/volumeMounts"))
          .contains(Yaml.one("{name: tokens, mountPath: /etc/virq-tokens, readOnly: true}"));
      assertThat(pod.path("volumes"))
          .contains(
              Yaml.one(
                  "{name: tokens, secret: {secretName: %s, defaultMode: 288, items: [{key: %s, path: tokens}]}}"
                      .formatted(secret, key)));
    }
  }

  @Test
  void streamsAreNeitherBufferedNorCutOnTheWay() {
    Chart chart = Chart.with(directory, Combination.EVERYTHING.yaml());

    assertThat(chart.object("HTTPRoute", "demo-virq").at("/spec/rules/0/timeouts"))
        .isEqualTo(Yaml.one("request: 0s"));
    assertThat(chart.object("Ingress", "demo-virq").at("/metadata/annotations"))
        .isEqualTo(
            Yaml.one(
                """
                nginx.ingress.kubernetes.io/proxy-buffering: "off"
                nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"
                """));
    assertThat(chart.object("Ingress", "demo-virq").at("/spec/rules").findValuesAsText("host"))
        .containsExactly("virq.example", "irq.example");
  }

  @Test
  void testPodAsksTheServiceOrWithHashingOneInstance() {
    assertThat(test(Combination.DEFAULTS)).isEqualTo("http://demo-virq:8080");
    assertThat(test(Combination.EVERYTHING)).isEqualTo("http://demo-virq:80");
    assertThat(test(Combination.HASHED_BY_ENVOY_GATEWAY))
        .isEqualTo("http://demo-virq-0.demo-virq-nodes:8080");
    assertThat(Metadata.file("templates/tests/five-steps.yaml"))
        .contains("\"helm.sh/hook\" \"test\"");
  }

  private String test(Combination combination) {
    return Chart.with(directory, combination.yaml()).objects().stream()
        .filter(one -> one.path("kind").asText().equals("Pod"))
        .findFirst()
        .orElseThrow()
        .at("/spec/containers/0/command/2")
        .asText();
  }

  private static boolean isServer(JsonNode object) {
    return object.at("/spec/template/metadata/labels").path(COMPONENT).asText().equals("server");
  }

  private JsonNode container(String values, String kubernetes) {
    return pod(Chart.with(directory, values), kubernetes).at("/containers/0");
  }

  private static JsonNode pod(Chart chart, String kubernetes) {
    return chart.objects(kubernetes).stream()
        .filter(WorkloadTest::isServer)
        .map(one -> one.at("/spec/template/spec"))
        .findFirst()
        .orElseThrow();
  }

  private static String checksum(Chart chart) {
    return chart
        .object("Deployment", "demo-virq")
        .at("/spec/template/metadata/annotations")
        .path("checksum/config")
        .asText();
  }

  private static boolean selects(JsonNode selector, JsonNode labels) {
    return selector.properties().stream()
        .allMatch(entry -> entry.getValue().equals(labels.get(entry.getKey())));
  }
}
