package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.virq.config.VirqProperties;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values: which are refused and with what words; values.yaml, schema and README agree. */
class ValuesTest {
  /** Objects that have no members unless the user gives them some. */
  private static final Set<String> FREE =
      Set.of(
          "affinity",
          "config",
          "dashboard.annotations",
          "dashboard.labels",
          "extraEnv",
          "httpRoute.annotations",
          "httpRoute.labels",
          "ingress.annotations",
          "ingress.labels",
          "labels",
          "management.annotations",
          "management.labels",
          "nodeSelector",
          "podAnnotations",
          "podLabels",
          "prometheusRule.labels",
          "service.annotations",
          "service.labels",
          "serviceAccount.annotations",
          "serviceAccount.labels",
          "serviceMonitor.labels");

  @TempDir private Path directory;

  private final JsonNode values = Yaml.one(Metadata.file("values.yaml"));
  private final JsonNode schema = Yaml.one(Metadata.file("values.schema.json"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          replica: 1                                  | '':                         | additional properties 'replica' not allowed
          replicas: 0                                 | '/replicas':                | minimum
          replicas: many                              | '/replicas':                | got string, want integer
          routing: {mode: sticky}                     | '/routing/mode':            | value must be one of 'single', 'consistentHash'
          routing: {gateway: nginx}                   | '/routing/gateway':         | value must be one of 'haproxy', 'envoyGateway', 'istio'
          image: {repo: x}                            | '/image':                   | additional properties 'repo' not allowed
          image: {repository: ""}                     | '/image/repository':        | minLength
          image: {tag: 1.5}                           | '/image/tag':               | got number, want string
          image: {digest: latest}                     | '/image/digest':            | does not match pattern
          image: {pullPolicy: Sometimes}              | '/image/pullPolicy':        | value must be one of
          imagePullSecrets: [registry]                | '/imagePullSecrets/0':      | got string, want object
          fullnameOverride: Virq                      | '/fullnameOverride':        | does not match pattern
          config: off                                 | '/config':                  | want object
          config: {worker: 2}                         | '/config':                  | additional properties 'worker' not allowed
          config: {access: {token: x}}                | '/config':                  | additional properties 'access' not allowed
          access: {hosts: ["http://virq"]}            | '/access/hosts/0':          | does not match pattern
          access: {token: x}                          | '/access':                  | additional properties 'token' not allowed
          access: {tokens: {key: a/b}}                | '/access/tokens/key':       | does not match pattern
          config: {limits: {maxHold: 30}}             | '/config/limits/maxHold':   | got number, want string
          javaOptions: [-Xmx1g]                       | '/javaOptions':             | got array, want string
          extraEnv: {A: 1}                            | '/extraEnv/A':              | got number, want string
          resources: {limits: {memory: lots}}         | '/resources/limits/memory': | does not match pattern
          resources: {limits: {memory: 512}}          | '/resources/limits/memory': | got number, want string
          resources: {limits: {gpu: 1}}               | '/resources/limits':        | additional properties 'gpu' not allowed
          service: {type: ExternalName}               | '/service/type':            | value must be one of
          service: {port: 70000}                      | '/service/port':            | maximum
          management: {port: http}                    | '/management/port':         | got string, want integer
          serviceAccount: {create: "yes"}             | '/serviceAccount/create':   | got string, want boolean
          podLabels: {a: true}                        | '/podLabels/a':             | got boolean, want string
          livenessProbe: {path: /}                    | '/livenessProbe':           | additional properties 'path' not allowed
          preStopSleepSeconds: -1                     | '/preStopSleepSeconds':     | minimum
          terminationGracePeriodSeconds: 5            | '/terminationGracePeriodSeconds': | minimum
          podDisruptionBudget: {minAvailable: 1}      | '/podDisruptionBudget':     | additional properties 'minAvailable' not allowed
          networkPolicy: {apiFrom: all}               | '/networkPolicy/apiFrom':   | got string, want array
          httpRoute: {parentRefs: [{}]}               | '/httpRoute/parentRefs/0':  | missing property 'name'
          httpRoute: {requestTimeout: forever}        | '/httpRoute/requestTimeout':| does not match pattern
          ingress: {tls: [{hosts: [a]}]}              | '/ingress/tls/0':           | missing property 'secretName'
          serviceMonitor: {interval: 15}              | '/serviceMonitor/interval': | got number, want string
          tests: {image: {repository: 1}}             | '/tests/image/repository':  | got number, want string
          autoscaling: {enabled: true}                | '':                         | additional properties 'autoscaling' not allowed
          """)
  void wrongValueIsRefusedWithItsPlaceAndTheReason(String value, String place, String reason) {
    Chart chart = Chart.with(directory, value);

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)).lines())
        .anySatisfy(line -> assertThat(line).contains("at " + place).contains(reason));
  }

  @Test
  void moreThanOneInstanceWithoutHashingIsRefusedWithASentence() {
    Chart chart = Chart.with(directory, "replicas: 2");

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains(
            "replicas is 2, but a sandbox lives in the one instance that made it: with more than"
                + " one, set routing.mode to consistentHash");
  }

  @Test
  void routeWithoutAGatewayIsRefusedWithASentence() {
    Chart chart = Chart.with(directory, "httpRoute: {enabled: true}");

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains("A route needs a Gateway to attach to: set httpRoute.parentRefs");
  }

  @Test
  void ingressBesideHashingIsRefusedWithASentence() {
    Chart chart =
        Chart.with(
            directory, Combination.HASHED_BY_ENVOY_GATEWAY.yaml() + "\ningress: {enabled: true}\n");

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains("an Ingress would spread the requests of one sandbox over all instances");
  }

  @ParameterizedTest
  @CsvSource({
    "'ingress: {enabled: true}',      ingress.enabled",
    "'service: {type: LoadBalancer}', service.type LoadBalancer",
    "'httpRoute: {enabled: true, parentRefs: [{name: g}]}\nassumeApiVersions: [gateway.networking.k8s.io/v1]', httpRoute.enabled"
  })
  void policyThatWouldKeepOutWhatIsSwitchedOnIsRefusedWithASentence(String values, String what) {
    Chart chart = Chart.with(directory, values);

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains(
            "networkPolicy.apiFrom lets in the pods of this namespace only, but with " + what);
    assertThat(Chart.with(directory, values + "\nnetworkPolicy: {apiFrom: []}").objects())
        .isNotEmpty();
    assertThat(Chart.with(directory, values + "\nnetworkPolicy: {enabled: false}").objects())
        .isNotEmpty();
  }

  @Test
  void twoSourcesOfTokensAreRefusedWithASentence() {
    Chart chart = Chart.with(directory, "access: {tokens: {value: a, existingSecret: b}}");

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains("access.tokens.existingSecret and access.tokens.value are both set");
  }

  @Test
  void managementOnThePortOfTheApiIsRefusedWithASentence() {
    Chart chart = Chart.with(directory, "management: {port: 8080}");

    assertThat(Refusal.of(() -> chart.text(Chart.KUBERNETES)))
        .contains("management.port is 8080, where the API listens");
  }

  @Test
  void parentChartMayShareValues() {
    assertThat(Chart.with(directory, "global: {team: kernel}").objects()).isNotEmpty();
  }

  @Test
  void schemaIsOfTheDraftOf2020AndClosedButForTheUsersOwnMembers() {
    List<String> open = new ArrayList<>();
    open("", schema, open);

    assertThat(schema.path("$schema").asText())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(open)
        .containsExactlyInAnyOrder(
            "affinity",
            "global",
            "networkPolicy.apiFrom[]",
            "networkPolicy.managementFrom[]",
            "tolerations[]",
            "topologySpreadConstraints[]");
  }

  @Test
  void configHasTheSettingsOfTheProgramButTheNodesName() {
    List<String> settings = new ArrayList<>();
    settings("", VirqProperties.class, settings);
    List<String> members = new ArrayList<>();
    for (String name : described("", schema.at("/properties/config")).keySet()) {
      if (schema
          .at("/properties/config/properties/" + name.replace(".", "/properties/"))
          .path("type")
          .asText()
          .equals("object")) {
        continue;
      }
      members.add(name);
    }

    // The chart sets these itself; a token has no place in a ConfigMap.
    settings.removeIf(
        name -> List.of("node", "handover").contains(name) || name.startsWith("access."));
    assertThat(members).containsExactlyInAnyOrderElementsOf(settings);
  }

  @Test
  void valuesAndSchemaHaveTheSameMembers() {
    Map<String, String> described = described("", schema);

    List<String> members = new ArrayList<>();
    members("", values, members);

    assertThat(described.keySet().stream().filter(name -> !name.equals("global")))
        .containsExactlyInAnyOrderElementsOf(members);
  }

  @Test
  void everyValueHasACommentWithTheWordsOfTheSchema() {
    Map<String, String> described = described("", schema);
    Map<String, String> comments = Comments.of(Metadata.file("values.yaml"), FREE);

    described.remove("global");
    assertThat(comments).isEqualTo(described);
  }

  @Test
  void tableOfTheReadmeEqualsValuesAndSchema() {
    String table = table();

    assertThat(Metadata.file("README.md"))
        .as("README.md should contain this table:%n%n%s%n", table)
        .contains("\n\n" + table + "\n");
  }

  private String table() {
    List<String> rows = new ArrayList<>(List.of("| value | default | what |", "|---|---|---|"));
    described("", schema)
        .forEach((name, description) -> {
          JsonNode value = values.at("/" + name.replace('.', '/'));
          if (!value.isMissingNode() && (!value.isObject() || FREE.contains(name))) {
            rows.add("| `%s` | `%s` | %s |".formatted(name, value, description));
          }
        });
    return String.join("\n", rows);
  }

  private static void settings(String prefix, Class<?> type, List<String> settings) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + component.getName();
      if (component.getType().isRecord()) {
        settings(name + ".", component.getType(), settings);
      } else {
        settings.add(name);
      }
    }
  }

  /** Members of the values that stand in the table, and the objects above them. */
  private static void members(String prefix, JsonNode object, List<String> members) {
    object
        .properties()
        .forEach(entry -> {
          String name = prefix + entry.getKey();
          members.add(name);
          if (entry.getValue().isObject() && !FREE.contains(name)) {
            members(name + ".", entry.getValue(), members);
          }
        });
  }

  /** The description of each member of the schema but those of lists. */
  private static Map<String, String> described(String prefix, JsonNode object) {
    Map<String, String> described = new LinkedHashMap<>();
    object
        .path("properties")
        .properties()
        .forEach(entry -> {
          String name = prefix + entry.getKey();
          String description = entry.getValue().path("description").asText();
          assertThat(description).as(name).endsWith(".");
          described.put(name, description);
          if (!FREE.contains(name)) {
            described.putAll(described(name + ".", entry.getValue()));
          }
        });
    return described;
  }

  /** Objects that take members of any name and kind. */
  private static void open(String name, JsonNode type, List<String> open) {
    if (type.path("type").asText().equals("object")) {
      JsonNode additional = type.path("additionalProperties");
      if (additional.isMissingNode() || additional.asBoolean()) {
        open.add(name);
      }
      type.path("properties")
          .properties()
          .forEach(entry ->
              open(
                  name.isEmpty() ? entry.getKey() : name + "." + entry.getKey(),
                  entry.getValue(),
                  open));
    }
    if (type.has("items")) {
      open(name + "[]", type.path("items"), open);
    }
  }
}
