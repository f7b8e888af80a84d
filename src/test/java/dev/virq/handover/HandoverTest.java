package dev.virq.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.SandboxLimits;
import dev.virq.sandbox.Condition;
import dev.virq.sandbox.DrainReport;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.Snapshots;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one process leaves, and the next goes on with. */
class HandoverTest {
  private static final long HEAP = 1L << 29;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final SandboxSpec RIG =
      new SandboxSpec(
          "rig-1",
          Duration.ofMinutes(7),
          3,
          Map.of("team", "storage"),
          new SandboxLimits(Map.of("vms", 9L)),
          SandboxClock.Kind.VIRTUAL);

  @TempDir private Path directory;

  /** Ends an instance as a shutdown does, and says how many sandboxes it left. */
  private int end(Sandboxes sandboxes, long heapBytes) throws IOException {
    AtomicInteger left = new AtomicInteger();
    try (Handover handover = new Handover(directory, "test", heapBytes)) {
      handover.began();
      DrainReport report =
          sandboxes.drain(TIMEOUT, settled -> left.set(handover.leave(settled, TIMEOUT)));
      assertThat(report.complete()).isTrue();
    }
    return left.get();
  }

  private int end(Sandboxes sandboxes) throws IOException {
    return end(sandboxes, HEAP);
  }

  /** Starts an instance, and says which sandboxes it goes on with. */
  private Set<String> begin(Sandboxes sandboxes) throws IOException {
    try (Handover handover = new Handover(directory, "test", HEAP)) {
      Set<String> names = handover.take(sandboxes);
      handover.withdraw();
      handover.began();
      return names;
    }
  }

  private Sandboxes next() throws IOException {
    Sandboxes next = new TestSandboxes().withDefault();
    Set<String> _ = begin(next);
    return next;
  }

  private static void bind(Host host) {
    long vm = host.vms().create("disk", IrqChip.Kind.KERNEL, 0).id();
    EventfdName eventfd = EventfdName.id(host.eventfds().create(5, false, false, "kick").id());
    host.irqfds().assign(vm, eventfd, 5, null);
    host.waits().settled(TIMEOUT.toNanos());
  }

  /** The sandboxes that were left. */
  private List<String> left() throws IOException {
    return files("left");
  }

  private List<String> files(String part) throws IOException {
    if (!Files.isDirectory(directory.resolve(part))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory.resolve(part))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path file(String name) {
    return directory.resolve("left").resolve(name);
  }

  @Test
  void nextProcessGoesOnWithTheSameSandboxes() throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();
    Sandbox rig = first.create(RIG);
    Sandbox common = first.find(Sandboxes.DEFAULT);
    bind(rig.host());
    bind(common.host());
    Snapshot before = Snapshots.take(rig.host(), "test", true);

    assertThat(end(first)).isEqualTo(2);
    assertThat(left()).containsExactly("default.json", "rig-1.json");
    Sandboxes second = new TestSandboxes().withDefault();
    assertThat(begin(second)).containsExactlyInAnyOrder("default", "rig-1");

    Sandbox again = second.find("rig-1");
    assertThat(again.settings()).isEqualTo(RIG);
    assertThat(again.ttl()).isEqualTo(RIG.ttl());
    assertThat(again.life().uid()).isEqualTo(rig.life().uid());
    assertThat(Snapshots.take(again.host(), "test", true)).isEqualTo(before);
    Sandbox common2 = second.find(Sandboxes.DEFAULT);
    assertThat(common2.life().uid()).isEqualTo(common.life().uid());
    assertThat(common2.host().counts().irqfds()).isEqualTo(1);
    assertThat(second.size()).isEqualTo(2);
    // What was taken is gone, so that nobody goes on with it again.
    assertThat(left()).isEmpty();
    // It lives: it can be ended, too.
    assertThat(end(second)).isEqualTo(2);
    assertThat(left()).containsExactly("default.json", "rig-1.json");
  }

  @Test
  void leaseThatWasRenewedGoesOnBesideTheOneOfItsSettings() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    assertThat(first.create(RIG).renew(Duration.ofMinutes(3))).isTrue();
    int _ = end(first);

    AtomicLong nanos = new AtomicLong();
    Sandboxes second = new TestSandboxes().clock(nanos::get).empty();
    Set<String> _ = begin(second);

    assertThat(second.find("rig-1").ttl()).isEqualTo(Duration.ofMinutes(3));
    // A client that asks for its sandbox, with the settings that it made it with, is given it.
    assertThat(second.ensure(RIG).created()).isFalse();
    nanos.set(Duration.ofMinutes(3).toNanos());
    second.expireLeases();
    assertThat(second.size()).isZero();
  }

  @Test
  void heldThreadIsLetGoAndWhatItWasToDoIsDone() throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();
    Host host = first.create(RIG).host();
    bind(host);
    host.breakpoints().set(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    host.eventfds().write(EventfdName.id(1), 1);

    first.beginDrain();
    assertThat(end(first)).isEqualTo(1);

    Host again = next().find("rig-1").host();
    // The count that the eventfd had when it was bound, and what was held.
    assertThat(again.irqfds().list(0, 1).getFirst().info().injected()).isEqualTo(2);
  }

  @Test
  void defaultSandboxInWhichNothingWasMadeIsNotLeft() throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();

    assertThat(end(first)).isZero();

    assertThat(left()).isEmpty();
  }

  @Test
  void sandboxThatEndsMeanwhileIsNotLeft() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    Sandbox rig = first.create(RIG);
    Sandbox full = first.create(new SandboxSpec("full", null, 1, Map.of()));
    bind(full.host());
    var _ = first.delete(rig, Condition.NONE);
    var _ = first.delete(full, Condition.NONE);

    try (Handover handover = new Handover(directory, "test", HEAP)) {
      handover.began();
      assertThat(handover.leave(List.of(rig, full), TIMEOUT)).isZero();
    }

    assertThat(left()).isEmpty();
  }

  /** What was left before is all that there is, and half of a start is not to replace it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void startThatIsNotOverLeavesWhatWasLeftBefore(boolean withdrawn) throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    bind(first.create(RIG).host());
    bind(first.create(new SandboxSpec("rig-9", null, 1, Map.of())).host());
    int _ = end(first);
    // One that this start does not take, but the next one may.
    Path _ = Files.writeString(file("rig-9.json"), "{");
    byte[] before = Files.readAllBytes(file("rig-1.json"));
    Sandboxes second = new TestSandboxes().withDefault();

    try (Handover handover = new Handover(directory, "test", HEAP)) {
      assertThat(handover.take(second)).containsExactly("rig-1");
      bind(second.find(Sandboxes.DEFAULT).host());
      if (withdrawn) {
        handover.withdraw();
        assertThat(left()).isEmpty();
      }
      DrainReport _ =
          second.drain(TIMEOUT, settled -> assertThat(handover.leave(settled, TIMEOUT)).isZero());
    }

    assertThat(left()).containsExactly("rig-1.json", "rig-9.json");
    assertThat(file("rig-1.json")).hasBinaryContent(before);
    assertThat(file("rig-9.json")).hasContent("{");
  }

  /** The next one may have other limits. */
  @Test
  void startThatFailsPutsNothingAside() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    bind(first.create(RIG).host());
    int _ = end(first);

    try (Handover handover = new Handover(directory, "test", HEAP)) {
      Sandboxes narrow =
          new TestSandboxes().limits(TestLimits.with(Map.of("max-workers", 2))).empty();
      assertThat(handover.take(narrow)).isEmpty();
    }

    assertThat(left()).containsExactly("rig-1.json");
    assertThat(begin(new TestSandboxes().empty())).containsExactly("rig-1");
  }

  @Test
  void startThatIsKilledOnceCallsMayComeBringsNothingBack() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    bind(first.create(RIG).host());
    int _ = end(first);
    try (Handover killed = new Handover(directory, "test", HEAP)) {
      assertThat(killed.take(new TestSandboxes().empty())).containsExactly("rig-1");
      killed.withdraw();
    }

    // A second start that fails puts nothing back that is not its own.
    try (Handover failed = new Handover(directory, "test", HEAP)) {
      assertThat(failed.take(new TestSandboxes().empty())).isEmpty();
      assertThat(failed.leave(List.of(), TIMEOUT)).isZero();
    }
    assertThat(begin(new TestSandboxes().empty())).isEmpty();

    assertThat(files("taken")).isEmpty();
    assertThat(files("killed")).containsExactly("rig-1.json");
  }

  @Test
  void whatWasKilledDoesNotStandInTheWayOfWhatIsLeftNext() throws IOException {
    for (int i = 0; i < 3; i++) {
      Sandboxes first = new TestSandboxes().empty();
      bind(first.create(new SandboxSpec("rig-" + i, null, 1, Map.of())).host());
      assertThat(end(first)).isEqualTo(1);
      try (Handover killed = new Handover(directory, "test", HEAP)) {
        assertThat(killed.take(new TestSandboxes().empty())).containsExactly("rig-" + i);
        killed.withdraw();
      }
    }

    assertThat(begin(new TestSandboxes().empty())).isEmpty();
    assertThat(files("killed")).containsExactly("rig-2.json");
  }

  @Test
  void whatCannotBePutAsideStopsTheStartBeforeItIsGone() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    bind(first.create(RIG).host());
    int _ = end(first);
    Path _ = Files.writeString(file("rig-1.json"), "{");
    Path _ = Files.createFile(directory.resolve("refused"));

    try (Handover handover = new Handover(directory, "test", HEAP)) {
      assertThat(handover.take(new TestSandboxes().empty())).isEmpty();
      assertThatThrownBy(handover::withdraw)
          .isInstanceOf(HandoverFailure.class)
          .hasMessageContaining("cannot be written: ");
    }

    assertThat(left()).containsExactly("rig-1.json");
  }

  @Test
  void startThatCannotReadAFileFails() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    bind(first.create(RIG).host());
    var _ = first.create(new SandboxSpec("rig-9", null, 1, Map.of()));
    int _ = end(first);
    // The longer one is read first, and while it is made the other one goes away.
    Probe thief =
        (point, subject, value, detail) -> {
          boolean _ = file("rig-9.json").toFile().delete();
        };

    try (Handover handover = new Handover(directory, "test", HEAP)) {
      Sandboxes second = new TestSandboxes().probe(thief).empty();
      assertThatThrownBy(() -> handover.take(second))
          .isInstanceOf(HandoverFailure.class)
          .hasMessageContaining("rig-9.json: cannot be read: ");
    }

    assertThat(begin(new TestSandboxes().empty())).containsExactly("rig-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          \"name\":\"rig-1\" | \"name\":\"../rig\"
          \"name\":\"rig-1\" | \"name\":\"rig-2\"
          \"name\":\"rig-1\" | \"name\":null
          \"name\":\"rig-1\" | \"name\":\"rig-1\",\"name\":\"rig-1\"
          \"name\":\"rig-1\" | \"name\":\"rig-1\",\"colour\":\"red\"
          \"workers\":3 | \"workers\":0
          \"workers\":3 | \"workers\":1000000
          \"uid\":\" | \"uid\":\"x
          \"vms\":9 | \"vms\":900000000
          \"vms\":9 | \"vms\":null
          \"team\" | \"\"
          \"storage\" | null
          \"ttl\":\"PT7M\" | \"ttl\":\"soon\"
          \"ttl\":\"PT7M\" | \"ttl\":\"PT70000H\"
          \"lease\":\"PT7M\" | \"lease\":\"PT0S\"
          \"major\":1 | \"major\":2
          \"clock\":\"VIRTUAL\" | \"clock\":\"SUNDIAL\"
          \"number\":1 | \"number\":0
          {\"name\" | {
          {\"name\" | [\"name\"
          {\"name\" | null {\"name\"
          """)
  void fileThatIsNotAsItWasLeftIsPutAsideAndTheOthersAreTaken(String found, String other)
      throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();
    bind(first.create(RIG).host());
    bind(first.create(new SandboxSpec("rig-9", null, 1, Map.of())).host());
    int _ = end(first);
    Path file = file("rig-1.json");
    String text = Files.readString(file);
    String changed =
        text.replaceFirst(
            Pattern.quote(found.replace("\\", "")),
            Matcher.quoteReplacement(other.replace("\\", "")));
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(file, changed);

    Sandboxes second = next();

    assertThat(second.list(null))
        .extracting(one -> one.settings().name())
        .containsExactly(Sandboxes.DEFAULT, "rig-9");
    assertThat(left()).isEmpty();
    assertThat(files("refused")).containsExactly("rig-1.json");
    assertThat(second.totals().vms().used()).isEqualTo(1);
  }

  @Test
  void whatDoesNotFitAnyMoreIsPutAsideAndTheDefaultSandboxIsEmpty() throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();
    Host host = first.find(Sandboxes.DEFAULT).host();
    bind(host);
    bind(host);
    int _ = end(first);

    Sandboxes second = new TestSandboxes().limits(TestLimits.with(Map.of("vms", 1))).withDefault();
    assertThat(begin(second)).isEmpty();

    assertThat(second.find(Sandboxes.DEFAULT).host().counts().eventfds()).isZero();
    assertThat(second.find(Sandboxes.DEFAULT).host().vms().next()).isEqualTo(1);
    assertThat(left()).isEmpty();
    assertThat(files("refused")).containsExactly("default.json");
  }

  @Test
  void defaultSandboxIsPutAsideWhereThereIsNone() throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();
    bind(first.find(Sandboxes.DEFAULT).host());
    int _ = end(first);

    Sandboxes second = new TestSandboxes().empty();
    assertThat(begin(second)).isEmpty();

    assertThat(second.size()).isZero();
    assertThat(left()).isEmpty();
    assertThat(files("refused")).containsExactly("default.json");
  }

  @Test
  void whatIsTooLongIsNotLeft() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    Host rig = first.create(RIG).host();
    for (int i = 0; i < 100; i++) {
      rig.eventfds().create(0, false, false, null);
    }
    var _ = first.create(new SandboxSpec("empty", null, 1, Map.of()));

    assertThat(end(first, 12 * 5_000)).isEqualTo(1);

    assertThat(left()).containsExactly("empty.json");
  }

  @Test
  void historyIsLeftOutWhereThereIsNoRoomForIt() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    Host rig = first.create(new SandboxSpec("rig-1", null, 1, Map.of())).host();
    for (int i = 0; i < 100; i++) {
      var _ = rig.vms().close(rig.vms().create("disk", IrqChip.Kind.KERNEL, 0).id());
    }
    rig.waits().settled(TIMEOUT.toNanos());
    Snapshot open = Snapshots.take(rig, "test", false);

    assertThat(end(first, 12 * 3_000)).isEqualTo(1);

    assertThat(Snapshots.take(next().find("rig-1").host(), "test", true)).isEqualTo(open);
  }

  @Test
  void withoutTimeNothingIsLeft() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    Sandbox rig = first.create(RIG);

    try (Handover handover = new Handover(directory, "test", HEAP)) {
      handover.began();
      assertThat(handover.leave(List.of(rig), Duration.ZERO)).isZero();
    }

    assertThat(left()).isEmpty();
  }

  @Test
  void directoryThatCannotBeWrittenCostsNoDrain() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    var _ = first.create(RIG);
    Path _ = Files.createFile(directory.resolve("left"));

    assertThat(end(first)).isZero();
  }

  @Test
  void directoryBelongsToOneProcess() throws IOException {
    try (Handover _ = new Handover(directory, "test", HEAP)) {
      assertThatThrownBy(() -> new Handover(directory, "test", HEAP))
          .isInstanceOf(HandoverFailure.class)
          .hasMessage(
              "virq.handover: "
                  + directory
                  + ": another process uses it, and each instance needs its own");
    }
    try (Handover again = new Handover(directory, "test", HEAP)) {
      assertThat(again.take(new TestSandboxes().empty())).isEmpty();
    }
  }

  @Test
  void fileIsNoDirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> new Handover(file, "test", HEAP))
        .isInstanceOf(HandoverFailure.class)
        .hasMessage("virq.handover: " + file + ": is no directory");
  }

  @Test
  void halfOfAFileAndWhatIsNoneAreNotTaken() throws IOException {
    Path _ = Files.createDirectories(file("sub.json"));
    Path _ = Files.writeString(file("rig-1.json.part"), "{");
    Path elsewhere = Files.writeString(directory.resolve("notes.txt"), "{}");
    Path _ = Files.createSymbolicLink(file("rig-2.json"), elsewhere);

    assertThat(begin(new TestSandboxes().empty())).isEmpty();

    assertThat(left()).isEmpty();
    assertThat(files("taken")).isEmpty();
    assertThat(elsewhere).hasContent("{}");
  }

  /** Its settings are those of the instance, which may have changed. */
  @Test
  void defaultSandboxGoesOnWithTheSettingsOfTheInstance() throws IOException {
    Sandboxes first = new TestSandboxes().withDefault();
    bind(first.find(Sandboxes.DEFAULT).host());
    int _ = end(first);
    Path file = file("default.json");
    String text = Files.readString(file);
    Path _ = Files.writeString(file, text.replace("\"workers\":1", "\"workers\":65"));

    Sandboxes second = new TestSandboxes().withDefault();
    assertThat(begin(second)).containsExactly("default");

    assertThat(second.find(Sandboxes.DEFAULT).settings().workers()).isEqualTo(1);
  }

  @Test
  void onlyItsOwnerCanReadAFile() throws IOException {
    Sandboxes first = new TestSandboxes().empty();
    var _ = first.create(RIG);
    int _ = end(first);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("rig-1.json"))))
        .isEqualTo("rw-------");
  }
}
