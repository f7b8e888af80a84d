package dev.virq.init;

import static dev.virq.clock.SandboxClock.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.Snapshots;
import dev.virq.testing.TestSandboxes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What an instance starts with. */
class InitFileTest {
  private static final long MAX_BYTES = 16_384;
  private static final JsonMapper JSON = new JsonMapper();

  private final Sandboxes sandboxes = new TestSandboxes().withDefault();

  @TempDir Path directory;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private int load(Path file) {
    return new InitFile(file, MAX_BYTES, sandboxes).load(Set.of());
  }

  private Host host(String sandbox) {
    return sandboxes.find(sandbox).host();
  }

  @Test
  void scriptFillsTheDefaultSandboxAndWhatItMadeStays() throws IOException {
    Path script =
        file(
            "rig.virq",
            """
            # a bound eventfd
            vm_create disk
            irqchip_create disk
            eventfd_create kick 3
            irqfd_assign disk kick 5
            """);

    assertThat(load(script)).isEqualTo(1);

    Host host = host(Sandboxes.DEFAULT);
    assertThat(host.vms().find(1).name()).isEqualTo("disk");
    assertThat(host.eventfds().find(EventfdName.id(1)).name()).isEqualTo("kick");
    assertThat(host.counts().irqfds()).isEqualTo(1);
  }

  @Test
  void documentMakesSandboxesWithWhatItSays() throws IOException {
    Path document =
        file(
            "rigs.yaml",
            """
            sandboxes:
              - name: rig-1
                ttl: PT1H
                workers: 3
                labels: {team: storage}
                clock: VIRTUAL
                script: |
                  vm_create v0
              - name: rig-2
              - name: default
                script: eventfd_create e0 0
            """);

    assertThat(load(document)).isEqualTo(3);

    Sandbox first = sandboxes.find("rig-1");
    assertThat(first.ttl()).isEqualTo(Duration.ofHours(1));
    assertThat(first.settings().workers()).isEqualTo(3);
    assertThat(first.settings().labels()).isEqualTo(Map.of("team", "storage"));
    assertThat(first.host().clock().kind()).isEqualTo(SandboxClock.Kind.VIRTUAL);
    assertThat(first.host().counts().vms()).isEqualTo(1);
    assertThat(sandboxes.find("rig-2").host().clock().kind()).isEqualTo(SandboxClock.Kind.REAL);
    assertThat(sandboxes.find("rig-2").ttl()).as("no lease runs out before a rig comes").isNull();
    assertThat(host(Sandboxes.DEFAULT).counts().eventfds()).isEqualTo(1);
  }

  @Test
  void whatWasFilledBeforeIsLeftAsItIs() throws IOException {
    Path document =
        file(
            "rigs.yaml",
            """
            sandboxes:
              - name: rig-1
                script: vm_create v0
              - name: default
                script: eventfd_create e0 0
            """);
    Sandbox there = sandboxes.create(new SandboxSpec("rig-1", null, 1, Map.of()));

    assertThat(new InitFile(document, MAX_BYTES, sandboxes).load(Set.of("rig-1", "other")))
        .isEqualTo(1);

    assertThat(there.host().counts().vms()).isZero();
    assertThat(host(Sandboxes.DEFAULT).counts().eventfds()).isEqualTo(1);
    assertThat(new InitFile(document, MAX_BYTES, sandboxes).load(Set.of("rig-1", "default")))
        .isZero();
    assertThat(host(Sandboxes.DEFAULT).counts().eventfds()).isEqualTo(1);
  }

  /** Of a sandbox with a bound eventfd and a counter, in a file of that name. */
  private void snapshot(String name) throws IOException {
    int _ =
        load(
            file(
                "before.yaml",
                """
                sandboxes:
                  - name: made
                    clock: VIRTUAL
                    script: |
                      vm_create disk
                      irqchip_create disk
                      eventfd_create kick 0
                      eventfd_create count 7
                      irqfd_assign disk kick 5
                """));
    Path _ =
        file(
            name,
            JSON.writeValueAsString(
                SnapshotJson.write(Snapshots.take(host("made"), "test", true))));
    var _ = sandboxes.delete("made");
  }

  @Test
  void sandboxBeginsWithASnapshot() throws IOException {
    snapshot("rig.json");
    Path document =
        file(
            "rigs.yaml",
            """
            sandboxes:
              - name: rig
                from: rig.json
                script: vm_create second
            """);

    assertThat(load(document)).isEqualTo(1);

    Host host = host("rig");
    assertThat(host.clock().kind()).isEqualTo(VIRTUAL);
    assertThat(host.vms().find(1).name()).isEqualTo("disk");
    assertThat(host.vms().find(2).name()).isEqualTo("second");
    assertThat(host.counts().irqfds()).isEqualTo(1);
    assertThat(host.eventfds().find(EventfdName.id(2)).eventfd().counters().value()).isEqualTo(7);
  }

  @Test
  void snapshotThatIsNoneStopsTheStartAndNamesItsMember() throws IOException {
    snapshot("rig.json");
    Path rig = directory.resolve("rig.json");
    String good = Files.readString(rig);
    Path document = file("rigs.yaml", "sandboxes: [{name: rig, from: rig.json}]");

    Files.writeString(rig, good.replaceFirst("\"eventfd\":1", "\"eventfd\":9"));
    assertThatThrownBy(() -> load(document))
        .isInstanceOf(InitFailure.class)
        .hasMessageContaining("rig.json: /irqfds/0/eventfd: there is no eventfd 9");
    Files.writeString(rig, good.substring(1));
    assertThatThrownBy(() -> load(document)).hasMessageContaining("rig.json, line 1: ");
    Files.writeString(rig, "[]");
    assertThatThrownBy(() -> load(document)).hasMessageContaining("is no snapshot");
    Files.delete(rig);
    assertThatThrownBy(() -> load(document)).hasMessageContaining("rig.json: there is no such");
    Path standard = file("default.yaml", "sandboxes: [{name: default, from: rig.json}]");
    assertThatThrownBy(() -> load(standard))
        .hasMessageContaining("sandbox default takes a script only, and no from");
    assertThat(sandboxes.list(null)).hasSize(1);
  }

  @Test
  void documentMayBeJson() throws IOException {
    Path document =
        file("rigs.json", "{\"sandboxes\":[{\"name\":\"a\",\"script\":\"vm_create v0\\n\"}]}");

    assertThat(load(document)).isEqualTo(1);
    assertThat(host("a").counts().vms()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          s.virq | vm_create v0;vm_creat v1                      | , line 2: "vm_creat" is not an operation; did you mean vm_create?
          s.virq | vm_create v0;irqchip_create v0;irqchip_create v0 | , line 3: irqchip_create v0 is refused with EEXIST
          d.yaml | sandboxes:;  - name: A                        | , line 2: "A" is not an RFC 1123 label (at most 63 of a-z, 0-9 and -)
          d.yaml | sandboxes:;  - name: a;    tll: PT1S          | , line 3: member "tll" is unknown; known members are [clock, from, labels, limits, name, script, ttl, workers]; did you mean ttl?
          d.yaml | sandboxes:;  - name: a;    ttl: 5m            | , line 3: ttl "5m" is not an ISO-8601 duration such as PT10M
          d.yaml | sandboxes:;  - name: a;    workers: 0         | , line 3: workers "0" is outside 1..64
          d.yaml | sandboxes:;  - name: a;    workers: 65        | , line 3: workers "65" is outside 1..64
          d.yaml | sandboxes:;  - name: a;    clock: real        | , line 3: clock "real" is neither REAL nor VIRTUAL
          d.yaml | sandboxes:;  - name: a;    ttl: P366D         | , line 3: ttl P366D is not positive and at most PT24H
          d.yaml | sandboxes:;  - name: a;  - name: a            | , line 3: sandbox a is there twice
          d.yaml | sandboxes:;  - name: a;    name: b            | , line 3: member "name" is there twice
          d.yaml | sandboxes:;  - name: a;    script: ~;      vm_create v0;      vm_creat v1 | , line 5: "vm_creat" is not an operation; did you mean vm_create?
          d.yaml | sandboxes:;  - name: a;    script: "x y"      | , line 2: line 1 of the script: "x" is not an operation
          d.yaml | 'sandboxes:;  - name: a;    labels: {k: "\\ud800"}' | , line 3: a label has a control character, or half of a surrogate pair
          d.yaml | 'sandboxes:;  - name: a;    labels: {k: "\\t"}' | , line 3: a label has a control character, or half of a surrogate pair
          d.yaml | sandboxes: [                                  | , line 2: expected the node content, but found '<stream end>'
          d.yaml | ''                                            | : is empty
          """)
  void badFileIsRefusedByLineAndReason(String name, String text, String refusal)
      throws IOException {
    Path file = file(name, text.replace(";", "\n").replace('~', '|') + "\n");

    assertThatThrownBy(() -> load(file))
        .isInstanceOf(InitFailure.class)
        .hasMessage("virq.init: " + file + refusal);
  }

  @Test
  void labelsAreBoundedInNumberAndLength() throws IOException {
    String many =
        IntStream.rangeClosed(1, 33)
            .mapToObj(n -> "k%d: v".formatted(n))
            .collect(Collectors.joining(", "));
    Path tooMany = file("many.yaml", "sandboxes: [{name: a, labels: {%s}}]".formatted(many));
    Path tooLong =
        file("long.yaml", "sandboxes: [{name: a, labels: {k: %s}}]".formatted("v".repeat(129)));

    assertThatThrownBy(() -> load(tooMany))
        .hasMessageContaining("33 labels exceed the limit of 32");
    assertThatThrownBy(() -> load(tooLong)).hasMessageContaining("longer than 128 characters");
  }

  @Test
  void nothingIsMadeOfADocumentWithABadScript() throws IOException {
    Path document =
        file("d.yaml", "sandboxes: [{name: a, script: vm_create v0}, {name: b, script: no}]");

    assertThatThrownBy(() -> load(document)).hasMessageContaining("\"no\" is not an operation");
    assertThat(sandboxes.size()).as("the default one").isEqualTo(1);
  }

  @Test
  void fileThatIsNotThereOrTooLongIsRefused() throws IOException {
    Path longer = file("long.virq", "#".repeat((int) MAX_BYTES + 1));
    Path latin = Files.write(directory.resolve("latin.virq"), new byte[] {'#', (byte) 0xe9});

    assertThatThrownBy(() -> load(directory.resolve("none"))).hasMessageContaining("no such file");
    assertThatThrownBy(() -> load(longer)).hasMessageContaining("longer than virq.max-body, 16384");
    assertThatThrownBy(() -> load(latin)).hasMessageContaining("is not UTF-8");
  }

  @Test
  void documentMayLowerLimitsAndNotRaiseThem() throws IOException {
    Path document =
        file("low.yaml", "sandboxes:\n  - name: low\n    limits: {vms: 1, wait: PT2S}\n");

    assertThat(load(document)).isEqualTo(1);

    assertThat(host("low").limits().vms()).isEqualTo(1);
    assertThat(host("low").limits().maxWait()).isEqualTo(Duration.ofSeconds(2));
    for (String wrong :
        List.of("vms: 2000000000", "vms: few", "wait: 5", "sandboxes: 1", "vms: 0")) {
      Path refused =
          file("high.yaml", "sandboxes:\n  - name: high\n    limits:\n      " + wrong + "\n");
      assertThatThrownBy(() -> load(refused))
          .isInstanceOf(InitFailure.class)
          .hasMessageContaining("line 4");
    }
  }

  @Test
  void defaultHasTheSettingsOfTheInstance() throws IOException {
    for (String given :
        List.of("ttl: PT1H", "workers: 2", "labels: {a: b}", "limits: {vms: 1}", "clock: REAL")) {
      Path refused = file("default.yaml", "sandboxes:\n  - name: default\n    " + given + "\n");
      assertThatThrownBy(() -> load(refused))
          .isInstanceOf(InitFailure.class)
          .hasMessageContaining("line 3")
          .hasMessageContaining("takes a script only");
    }
  }

  @Test
  void whatYamlDoesNotTakeIsRefusedWithoutAStackTrace() throws IOException {
    Path control = file("control.yaml", "sandboxes:\n  - name: a\u0001\n");
    Path deep = file("deep.yaml", "sandboxes: " + "[".repeat(80) + "]".repeat(80) + "\n");

    assertThatThrownBy(() -> load(control))
        .isInstanceOf(InitFailure.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("U+0001");
    assertThatThrownBy(() -> load(deep))
        .isInstanceOf(InitFailure.class)
        .hasMessageContaining("Nesting");
  }

  @Test
  void whatIsNoFileIsRefusedAndNotWaitedFor() throws Exception {
    Path pipe = directory.resolve("pipe.yaml");
    Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assertThat(mkfifo.waitFor()).isZero();

    assertThatThrownBy(() -> load(pipe))
        .isInstanceOf(InitFailure.class)
        .hasMessageContaining("is no regular file");
    assertThatThrownBy(() -> load(directory))
        .isInstanceOf(InitFailure.class)
        .hasMessageContaining("is no regular file");
  }
}
