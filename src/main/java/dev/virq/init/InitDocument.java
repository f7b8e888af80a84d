package dev.virq.init;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.NearestName;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.limits.SandboxLimits;
import dev.virq.sandbox.SandboxLabels;
import dev.virq.sandbox.SandboxName;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.SnapshotFault;
import dev.virq.snapshot.SnapshotJson;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads a document of sandboxes, in YAML or JSON, which is YAML too: {@code {sandboxes: [{name,
 * ttl?, workers?, labels?, limits?, clock?, from?, script?}]}}. As strict as the API: what is not
 * known is refused, by its line.
 */
final class InitDocument {
  private static final Set<String> MEMBERS =
      Set.of("name", "ttl", "workers", "labels", "limits", "clock", "from", "script");

  private final Path file;
  private final Limits limits;
  private final MemoryLimits memory;
  private final int defaultWorkers;
  private final long maxBytes;

  /**
   * A document that has not been read yet.
   *
   * @param maxBytes how long a snapshot may be that it names
   */
  InitDocument(Path file, Limits limits, MemoryLimits memory, int defaultWorkers, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.limits = limits;
    this.memory = memory;
    this.defaultWorkers = defaultWorkers;
  }

  /** The sandboxes, in the order of the document. */
  List<InitSandbox> read(String text) {
    Node root = InitYaml.nodes(file, text);
    if (root == null) {
      throw new InitFailure(file, "is empty");
    }
    Map<String, Node> members = members(root, Set.of("sandboxes"));
    Node list = members.get("sandboxes");
    if (!(list instanceof SequenceNode sandboxes)) {
      throw refusal(list == null ? root : list, "sandboxes is not a list");
    }
    List<InitSandbox> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Node one : sandboxes.getValue()) {
      InitSandbox sandbox = sandbox(one);
      if (!names.add(sandbox.settings().name())) {
        throw refusal(one, "sandbox " + sandbox.settings().name() + " is there twice");
      }
      all.add(sandbox);
    }
    return all;
  }

  private InitSandbox sandbox(Node node) {
    Map<String, Node> members = members(node, MEMBERS);
    Node named = members.get("name");
    if (named == null) {
      throw refusal(node, "a sandbox without a name");
    }
    String name = text("name", named);
    if (!SandboxName.isOne(name)) {
      throw refusal(named, "\"" + name + "\" is not " + SandboxName.FORM);
    }
    if (name.equals(Sandboxes.DEFAULT)) {
      // It is there before the file is read, as the instance's settings have it.
      for (String setting : List.of("ttl", "workers", "labels", "limits", "clock", "from")) {
        Node given = members.get(setting);
        if (given != null) {
          throw refusal(given, "sandbox default takes a script only, and no " + setting);
        }
      }
    }
    Node ttl = members.get("ttl");
    Node workers = members.get("workers");
    Node labels = members.get("labels");
    Node asked = members.get("limits");
    Node clock = members.get("clock");
    Node from = members.get("from");
    Snapshot snapshot = from == null ? null : snapshot(from);
    SandboxClock.Kind otherwise =
        snapshot == null ? SandboxClock.Kind.REAL : snapshot.clock().kind();
    SandboxLimits lower = asked == null ? SandboxLimits.NONE : limits(asked);
    Limits own = lower.of(limits);
    SandboxSpec settings =
        new SandboxSpec(
            name,
            ttl == null ? null : ttl(ttl, own),
            workers == null ? Math.min(defaultWorkers, own.maxWorkers()) : workers(workers, own),
            labels == null ? Map.of() : labels(labels),
            lower,
            clock == null ? otherwise : clock(clock));
    Node script = members.get("script");
    return new InitSandbox(
        line(node),
        settings,
        snapshot,
        script == null ? null : text("script", script),
        script instanceof ScalarNode scalar && scalar.getScalarStyle() == ScalarStyle.LITERAL
            ? line(script) + 1
            : 0);
  }

  /** Of a file beside the document, or of one by its path from the root. */
  private Snapshot snapshot(Node node) {
    String name = text("from", node);
    Path path;
    try {
      path = file.resolveSibling(name);
    } catch (InvalidPathException e) {
      throw refusal(node, "from \"" + name + "\" is no path: " + e.getReason());
    }
    Object values = InitYaml.values(path, InitText.of(path, maxBytes));
    if (!(values instanceof Map<?, ?> document)) {
      throw new InitFailure(path, "is no snapshot: it is not an object");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    document.forEach((key, value) -> members.put(String.valueOf(key), value));
    try {
      return SnapshotJson.read(members);
    } catch (SnapshotFault fault) {
      throw new InitFailure(path, fault.pointer() + ": " + fault.sentence());
    }
  }

  private SandboxLimits limits(Node node) {
    Map<String, Long> lowered = new LinkedHashMap<>();
    members(node, Set.copyOf(SandboxLimits.names()))
        .forEach((name, value) -> {
          long number = limit(name, value);
          String fault = SandboxLimits.fault(name, number, limits, memory);
          if (fault != null) {
            throw refusal(value, "limits, " + name + ": " + fault);
          }
          lowered.put(name, number);
        });
    return new SandboxLimits(lowered);
  }

  private long limit(String name, Node node) {
    String text = text(name, node);
    try {
      return SandboxLimits.isTime(name) ? Duration.parse(text).toNanos() : Long.parseLong(text);
    } catch (DateTimeParseException | ArithmeticException | NumberFormatException e) {
      throw refusal(
          node,
          "limits, %s: \"%s\" is not %s"
              .formatted(
                  name,
                  text,
                  SandboxLimits.isTime(name) ? "an ISO-8601 duration such as PT5S" : "a number"));
    }
  }

  private Duration ttl(Node node, Limits limits) {
    String text = text("ttl", node);
    Duration ttl;
    try {
      ttl = Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw refusal(node, "ttl \"" + text + "\" is not an ISO-8601 duration such as PT10M");
    }
    if (!ttl.isPositive() || ttl.compareTo(limits.maxTtl()) > 0) {
      throw refusal(node, "ttl " + text + " is not positive and at most " + limits.maxTtl());
    }
    return ttl;
  }

  private int workers(Node node, Limits limits) {
    String text = text("workers", node);
    if (!text.matches("[0-9]{1,6}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > limits.maxWorkers()) {
      throw refusal(node, "workers \"" + text + "\" is outside 1.." + limits.maxWorkers());
    }
    return Integer.parseInt(text);
  }

  private SandboxClock.Kind clock(Node node) {
    String text = text("clock", node);
    for (SandboxClock.Kind kind : SandboxClock.Kind.values()) {
      if (kind.name().equals(text)) {
        return kind;
      }
    }
    throw refusal(node, "clock \"" + text + "\" is neither REAL nor VIRTUAL");
  }

  private Map<String, String> labels(Node node) {
    Map<String, String> labels = new LinkedHashMap<>();
    members(node, null)
        .forEach((key, value) -> {
          String text = text("label " + key, value);
          String fault = SandboxLabels.fault(key, text);
          if (fault != null) {
            throw refusal(value, fault);
          }
          labels.put(key, text);
        });
    String fault = SandboxLabels.fault(labels);
    if (fault != null) {
      throw refusal(node, fault);
    }
    return labels;
  }

  private Map<String, Node> members(Node node, @Nullable Set<String> known) {
    if (!(node instanceof MappingNode mapping)) {
      throw refusal(node, "is not an object");
    }
    Map<String, Node> members = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = text("a member's name", tuple.getKeyNode());
      if (known != null && !known.contains(key)) {
        throw refusal(
            tuple.getKeyNode(),
            "member \"%s\" is unknown; known members are %s%s"
                .formatted(key, known.stream().sorted().toList(), NearestName.hint(key, known)));
      }
      if (members.put(key, tuple.getValueNode()) != null) {
        throw refusal(tuple.getKeyNode(), "member \"" + key + "\" is there twice");
      }
    }
    return members;
  }

  private String text(String what, Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw refusal(node, what + " is not a single value");
  }

  private InitFailure refusal(Node node, String why) {
    return new InitFailure(file, line(node), why);
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
