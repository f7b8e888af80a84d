package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.testing.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HAProxy that the chart brings: it places sandboxes by the pods' ordinals. */
class GatewayTest {
  @TempDir private Path directory;

  private final String values = Combination.HASHED_BY_HAPROXY.yaml();

  private String configuration(String more) {
    return Chart.with(directory, more)
        .object("ConfigMap", "demo-virq-gateway")
        .at("/data/haproxy.cfg")
        .asText();
  }

  @Test
  void placeOfEachInstanceIsItsOrdinalWhateverItsAddress() {
    assertThat(servers(values))
        .containsExactly(
            "server demo-virq-0 demo-virq-0.demo-virq-nodes.lab.svc.cluster.local:8080 id 1",
            "server demo-virq-1 demo-virq-1.demo-virq-nodes.lab.svc.cluster.local:8080 id 2",
            "server demo-virq-2 demo-virq-2.demo-virq-nodes.lab.svc.cluster.local:8080 id 3",
            "server demo-virq-3 demo-virq-3.demo-virq-nodes.lab.svc.cluster.local:8080 id 4");
    assertThat(configuration(values).lines().map(String::strip))
        .contains("balance hash path,url_dec,field(4,/)", "hash-type consistent")
        .anyMatch(line -> line.startsWith("default-server check port 8081 "));
  }

  @Test
  void moreInstancesLeaveThePlacesOfTheOthers() {
    assertThat(servers(values.replace("replicas: 4", "replicas: 5")))
        .startsWith(servers(values).toArray(String[]::new))
        .hasSize(5);
  }

  @Test
  void haproxyTakesTheConfiguration() throws Exception {
    Path file = Files.writeString(directory.resolve("haproxy.cfg"), configuration(values));

    Script.Result check = Script.run("haproxy", "-c", "-f", file.toString());

    assertThat(check.status()).as(check.output()).isZero();
    assertThat(check.output()).doesNotContain("WARNING");
  }

  @Test
  void serviceOfTheApiLeadsToTheGatewayAndTheGatewayMayReachTheInstances() {
    Chart chart = Chart.with(directory, values);

    assertThat(component(chart.object("Service", "demo-virq").at("/spec/selector")))
        .isEqualTo("gateway");
    assertThat(component(chart.object("Service", "demo-virq-nodes").at("/spec/selector")))
        .isEqualTo("server");
    assertThat(component(chart.object("Service", "demo-virq-management").at("/spec/selector")))
        .isEqualTo("server");
    JsonNode rules = chart.object("NetworkPolicy", "demo-virq").at("/spec/ingress");
    assertThat(rules).hasSize(2);
    for (JsonNode rule : rules) {
      assertThat(rule.path("from"))
          .anySatisfy(peer ->
              assertThat(component(peer.at("/podSelector/matchLabels"))).isEqualTo("gateway"));
    }
    JsonNode gateway = chart.object("NetworkPolicy", "demo-virq-gateway").path("spec");
    assertThat(component(gateway.at("/podSelector/matchLabels"))).isEqualTo("gateway");
    assertThat(gateway.at("/ingress/0/from/0"))
        .as("who may call the API")
        .isEqualTo(rules.at("/0/from/0"));
    assertThat(chart.names())
        .contains("Ingress demo-virq")
        .noneMatch(n -> n.startsWith("HTTPRoute"));
  }

  @Test
  void changeOfTheConfigurationRestartsTheGateway() {
    assertThat(checksum(values)).isNotEmpty();
    assertThat(checksum(values.replace("replicas: 4", "replicas: 5")))
        .isNotEqualTo(checksum(values));
  }

  private String checksum(String more) {
    return Chart.with(directory, more)
        .object("Deployment", "demo-virq-gateway")
        .at("/spec/template/metadata/annotations")
        .path("checksum/config")
        .asText();
  }

  private static String component(JsonNode labels) {
    return labels.path("app.kubernetes.io/component").asText();
  }

  private List<String> servers(String more) {
    return configuration(more)
        .lines()
        .map(String::strip)
        .filter(l -> l.startsWith("server "))
        .toList();
  }
}
