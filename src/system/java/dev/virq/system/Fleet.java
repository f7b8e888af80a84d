package dev.virq.system;

import dev.virq.testing.Script;
import dev.virq.testing.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Instances in processes of their own behind a gateway. By one thread. */
final class Fleet implements AutoCloseable {
  private static final Pattern DRAINED = Pattern.compile("drained.*signals=(\\d+).*lost=(\\d+)");
  private static final Pattern EPOCH = Pattern.compile("begins epoch (\\S+)");

  /** A pod is killed after its grace period. */
  private static final int GRACE_SECONDS = 40;

  /**
   * What an instance said at its end.
   *
   * @param epoch the life that ended
   * @param exit its exit code
   * @param signals how many it had accepted
   * @param lost how many of them have no outcome
   */
  record Drained(String epoch, int exit, long signals, long lost) {}

  private final Map<String, ServerProcess> instances = new TreeMap<>();
  private HaProxy gateway;

  /** What every instance is started with, NAME for its own. */
  private final List<String> settings;

  private Fleet(List<String> settings) {
    this.settings = settings;
  }

  /** Starts them. Aborts the test, visibly, where there is no HAProxy. */
  static Fleet start(Path directory, List<String> names, String... settings) throws Exception {
    // Three programs need not be started where there is nothing to stand before them.
    var _ = Script.run("haproxy", "-v");
    Fleet fleet = new Fleet(List.of(settings));
    try {
      names.forEach(fleet::launch);
      Map<String, Integer> ports = new TreeMap<>();
      for (String name : names) {
        ports.put(name, fleet.instances.get(name).port());
      }
      fleet.gateway = HaProxy.start(directory, ports);
      return fleet;
    } catch (Exception | Error e) {
      fleet.close();
      throw e;
    }
  }

  private void launch(String name) {
    // Compiled soon rather than well: what takes time here is the start.
    List<String> options = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");
    List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--virq.node=" + name));
    settings.forEach(setting -> arguments.add(setting.replace("NAME", name)));
    try {
      instances.put(name, ServerProcess.start(ServerProcess.program(options, arguments)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Set<String> names() {
    return instances.keySet();
  }

  HaProxy gateway() {
    return gateway;
  }

  /** A client of the gateway. */
  Rest rest() {
    return new Rest(gateway.port());
  }

  /** Kills an instance as a fault of the machine would: nobody is told. */
  void kill(String name) throws Exception {
    instances.get(name).close();
    var _ = instances.get(name).end(GRACE_SECONDS);
  }

  /** What an instance has said in its last life. */
  String log(String name) {
    return instances.get(name).log();
  }

  /** Starts an instance that has ended, as a pod comes back: same name, another address. */
  void begin(String name) throws Exception {
    launch(name);
    gateway.move(name, instances.get(name).port());
    gateway.takeBack(name);
  }

  /** Replaces an instance as a rolling update does: no new requests, SIGTERM, the next one. */
  Drained update(String name) throws Exception {
    gateway.takeOut(name);
    ServerProcess old = instances.get(name);
    // Not Process.destroy, which closes the streams: what it says last is what counts.
    if (!old.handle().destroy()) {
      throw new AssertionError(name + " takes no SIGTERM");
    }
    int exit = old.end(GRACE_SECONDS);
    Matcher drained = find(DRAINED, old);
    Drained end =
        new Drained(
            find(EPOCH, old).group(1),
            exit,
            Long.parseLong(drained.group(1)),
            Long.parseLong(drained.group(2)));
    begin(name);
    return end;
  }

  private static Matcher find(Pattern pattern, ServerProcess process) {
    Matcher found = pattern.matcher(process.log());
    if (!found.find()) {
      throw new AssertionError("no " + pattern + " in:\n" + process.log());
    }
    return found;
  }

  @Override
  public void close() {
    if (gateway != null) {
      gateway.close();
    }
    instances.values().forEach(ServerProcess::close);
  }
}
