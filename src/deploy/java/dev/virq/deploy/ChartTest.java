package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The chart as a whole: it lints, renders, packages, and everything it renders is well formed. */
class ChartTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void strictLintIsContent(Combination combination) {
    assertThat(Chart.with(directory, combination.yaml()).complaints()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void noObjectHasAMemberThatItsTypeDoesNotHave(Combination combination) {
    List<JsonNode> objects = Chart.with(directory, combination.yaml()).objects();

    assertThat(objects).hasSizeGreaterThan(4);
    assertThat(objects.stream().flatMap(one -> Typed.faults(one).stream())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Deployment,    demo-virq, /spec/template/spec/containers/0, readinesProbe",
    "Deployment,    demo-virq, /spec/template/spec,              serviceAcountName",
    "Deployment,    demo-virq, /spec/strategy,                   typ",
    "Secret,        demo-virq-tokens, /metadata,                 namespaze",
    "Service,       demo-virq, /spec/ports/0,                    targetport",
    "NetworkPolicy, demo-virq, /spec/ingress/0/ports/0,          portt",
    "HTTPRoute,     demo-virq, /spec/rules/0,                    backendRef",
    "Ingress,       demo-virq, /spec/rules/0/http/paths/0,       pathtype",
    "PodDisruptionBudget, demo-virq, /spec,                      maxUnavailabel",
    "ServiceMonitor, demo-virq, /spec/endpoints/0,               paht",
    "PrometheusRule, demo-virq, /spec/groups/0/rules/0,          exp",
    "Pod,           demo-virq-test, /spec/containers/0,          comand"
  })
  void misspeltMemberIsFound(String kind, String name, String where, String misspelt) {
    JsonNode object = Chart.with(directory, Combination.EVERYTHING.yaml()).object(kind, name);
    assertThat(Typed.faults(object)).isEmpty();

    ((ObjectNode) object.at(where)).put(misspelt, "x");

    assertThat(Typed.faults(object)).singleElement().asString().contains(misspelt);
  }

  @Test
  void numberWhereTheClusterWantsATextIsFound() {
    JsonNode object = Chart.with(directory, "").object("Deployment", "demo-virq");

    ((ObjectNode) object.at("/spec/template/spec/containers/0/env/0")).put("value", 8080);

    assertThat(Typed.faults(object)).isNotEmpty();
  }

  @Test
  void nothingOptionalIsRenderedUnlessAskedFor() {
    assertThat(Chart.with(directory, "").names())
        .containsExactly(
            "ConfigMap demo-virq-test",
            "ConfigMap notes",
            "Deployment demo-virq",
            "NetworkPolicy demo-virq",
            "Pod demo-virq-test",
            "Service demo-virq",
            "Service demo-virq-management",
            "ServiceAccount demo-virq");
  }

  @Test
  void everythingOptionalIsRenderedWhenAskedFor() {
    assertThat(Chart.with(directory, Combination.EVERYTHING.yaml()).names())
        .contains(
            "ConfigMap demo-virq-config",
            "ConfigMap demo-virq-dashboard",
            "HTTPRoute demo-virq",
            "Ingress demo-virq",
            "NetworkPolicy demo-virq",
            "PodDisruptionBudget demo-virq",
            "PrometheusRule demo-virq",
            "Secret demo-virq-tokens",
            "ServiceMonitor demo-virq");
  }

  @ParameterizedTest
  @EnumSource
  void noAutoscalerIsEverRendered(Combination combination) {
    assertThat(Chart.with(directory, combination.yaml()).names())
        .noneMatch(name -> name.startsWith("HorizontalPodAutoscaler"));
  }

  @ParameterizedTest
  @EnumSource
  void namesAreUniqueAndEveryObjectIsLabelled(Combination combination) {
    Chart chart = Chart.with(directory, combination.yaml());

    assertThat(chart.names()).doesNotHaveDuplicates();
    for (JsonNode object : chart.objects()) {
      if (object.at("/metadata/name").asText().equals("notes")) {
        continue;
      }
      JsonNode labels = object.at("/metadata/labels");
      assertThat(
              new ArrayList<>(
                  new TreeSet<>(labels.properties().stream().map(e -> e.getKey()).toList())))
          .as("%s", object.at("/metadata"))
          .contains(
              "app.kubernetes.io/component",
              "app.kubernetes.io/instance",
              "app.kubernetes.io/managed-by",
              "app.kubernetes.io/name",
              "app.kubernetes.io/part-of",
              "app.kubernetes.io/version",
              "helm.sh/chart");
      assertThat(object.at("/metadata/namespace").asText()).isEqualTo("lab");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "httpRoute.enabled,      'httpRoute: {enabled: true, parentRefs: [{name: g}]}\nnetworkPolicy: {enabled: false}', gateway.networking.k8s.io/v1",
    "serviceMonitor.enabled, 'serviceMonitor: {enabled: true}',                     monitoring.coreos.com/v1",
    "prometheusRule.enabled, 'prometheusRule: {enabled: true}',                     monitoring.coreos.com/v1",
    "consistentHash,         'routing: {mode: consistentHash}\nhttpRoute: {parentRefs: [{name: g}]}\nnetworkPolicy: {enabled: false}\nassumeApiVersions: [gateway.envoyproxy.io/v1alpha1]', gateway.networking.k8s.io/v1",
    "envoyGateway,           'routing: {mode: consistentHash}\nhttpRoute: {parentRefs: [{name: g}]}\nnetworkPolicy: {enabled: false}\nassumeApiVersions: [gateway.networking.k8s.io/v1]',   gateway.envoyproxy.io/v1alpha1",
    "istio,                  'routing: {mode: consistentHash, gateway: istio}\nhttpRoute: {parentRefs: [{name: g}]}\nnetworkPolicy: {enabled: false}\nassumeApiVersions: [gateway.networking.k8s.io/v1]', networking.istio.io/v1"
  })
  void customResourceThatTheClusterDoesNotKnowIsRefusedWithASentence(
      String value, String values, String api) {
    Chart chart = Chart.with(directory, values);

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains(value)
        .contains("needs the API " + api + ", which this cluster does not have.");
  }

  @Test
  void olderClusterThanTheChartIsMadeForIsRefused() {
    Chart chart = Chart.with(directory, "");

    assertThat(Refusal.of(() -> chart.text("1.28.9"))).contains(">=1.29.0-0").contains("1.28.9");
  }

  @Test
  void notesTellHowToGetThere() {
    assertThat(notes(Combination.DEFAULTS))
        .contains("kubectl --namespace lab port-forward service/demo-virq 8080:8080")
        .contains("http://127.0.0.1:8080/swagger-ui.html")
        .contains("service/demo-virq-management 8081:8081")
        .contains("helm test demo --namespace lab --logs");
    assertThat(notes(Combination.HASHED_BY_ENVOY_GATEWAY))
        .contains("3 instances stand behind a gateway")
        .contains("http://virq.example/swagger-ui.html")
        .contains("port-forward pod/demo-virq-0 8080:8080");
  }

  @Test
  void chartIsPackagedUnderItsOwnVersion() {
    JsonNode chart = Metadata.chart();

    var _ = new Helm(Chart.SOURCE).packageIt().withDestination(directory).call();

    assertThat(directory.resolve("virq-" + chart.path("version").asText() + ".tgz"))
        .satisfies(file -> assertThat(Files.size(file)).isBetween(5_000L, 100_000L));
  }

  private String notes(Combination combination) {
    return Chart.with(directory, combination.yaml())
        .object("ConfigMap", "notes")
        .at("/data/notes")
        .asText();
  }
}
