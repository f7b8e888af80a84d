package dev.virq.snapshot;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.fge.jsonschema.core.exceptions.ProcessingException;
import com.github.fge.jsonschema.main.JsonSchemaFactory;
import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import dev.virq.docs.Page;
import dev.virq.host.Host;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.testing.TestHosts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code src/docs/snapshot.schema.json} describes the document, and a validator agrees. */
class SnapshotSchemaTest {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** The validator's own. */
  private static final ObjectMapper OLD = new ObjectMapper();

  private Page page;
  private com.github.fge.jsonschema.main.JsonSchema schema;

  @BeforeEach
  void read() throws IOException, ProcessingException {
    page = Page.read("snapshot.schema.json");
    schema = JsonSchemaFactory.byDefault().getJsonSchema(OLD.readTree(page.text()));
  }

  @Test
  void theFileSaysWhatTheRecordsAre() throws IOException {
    String text = JSON.writeValueAsString(JsonSchema.of(Snapshot.class)) + "\n";

    page.requireEqual(new Page(page.path(), text));
  }

  @Test
  void whatIsTakenIsValid() throws IOException, ProcessingException {
    List<Recording> all = Recordings.all();
    for (int i = 0; i < all.size(); i += 20) {
      String document = document(all.get(i));

      assertThat(schema.validate(OLD.readTree(document)).toString())
          .as(all.get(i).name())
          .contains("success");
    }
  }

  @Test
  void otherTypesAndMembersAreNot() throws IOException, ProcessingException {
    String document = document(Recordings.all().getFirst());

    for (String changed :
        List.of(
            document.replaceFirst("\"vms\" : \\[", "\"vms\" : [ 1, "),
            document.replaceFirst("\"references\"", "\"reference\""),
            document.replaceFirst("\"VIRTUAL\"", "\"UNREAL\""),
            document.replaceFirst("\"virq\" : \"test\",", ""))) {
      assertThat(changed).isNotEqualTo(document);
      JsonNode node = OLD.readTree(changed);
      assertThat(schema.validate(node).isSuccess()).as(changed).isFalse();
    }
  }

  /** The word that KERNEL had before the first release. */
  @Test
  @SuppressWarnings("unchecked")
  void theFormerWordForAControllerIsRefusedByPathAndName() throws IOException {
    Host host = TestHosts.boot(1);
    var _ = TestHosts.vm(host);
    String document =
        JSON.writeValueAsString(SnapshotJson.write(Snapshots.take(host, "test", true)));
    String former = document.replaceFirst("\"KERNEL\"", "\"FULL\"");
    assertThat(former).isNotEqualTo(document);

    assertThatThrownBy(
            () -> SnapshotJson.read((Map<String, Object>) JSON.readValue(former, Map.class)))
        .isInstanceOfSatisfying(
            SnapshotFault.class,
            fault -> {
              assertThat(fault.pointer()).isEqualTo("/vms/0/irqchip");
              assertThat(fault.sentence()).contains("FULL", "KERNEL", "SPLIT");
            });
  }

  /** After two thirds of the recording: there are VMs then. */
  private static String document(Recording recording) {
    Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
    Host host = TestHosts.boot(1);
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      int most = script.operations().size() * 2 / 3;
      var _ = runner.run(new Script(script.operations().subList(0, most)));
      return JSON.writeValueAsString(SnapshotJson.write(Snapshots.take(host, "test", true)));
    }
  }
}
