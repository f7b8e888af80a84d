package dev.virq.attacks.rig;

import dev.virq.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * The packaged program in a process of its own, health and metrics on a port of their own. Killed
 * by its id in the end, whatever state it is in.
 */
public final class Instance implements AutoCloseable {
  /** The jar to be attacked; without it the classes of this test's class path are. */
  static final String JAR = System.getProperty("virq.attacks.jar", "");

  static final List<String> ARGUMENTS =
      List.of("--server.port=0", "--management.server.port=0", "--spring.main.banner-mode=off");

  /**
   * Attackers are on other machines, as a rule, and take nothing of the processors that the process
   * has. Where this is not allowed it is only said, and has no effect.
   */
  private static final List<String> BEFORE_ATTACKERS = List.of("nice", "-n", "-10");

  private static final long READY_NANOS = 120_000_000_000L;
  private static final long LOOK_NANOS = 20_000_000L;
  private static final int PROBE_MILLIS = 2_000;

  /** What a healthy log never has: a stack trace, an error, the end of memory. */
  private static final Pattern COMPLAINT =
      Pattern.compile(
          "^\\s+at [\\w.$/]+\\(| ERROR |OutOfMemoryError|StackOverflowError|Exception in thread"
              + "|invariant broken");

  private final ServerProcess process;
  private final Memory memory;
  private final int port;
  private final int managementPort;
  private final long readyNanos;
  private int linesSeen;

  private Instance(ServerProcess process, long begun) throws IOException, InterruptedException {
    this.process = process;
    this.memory = new Memory(process.handle().pid());
    this.port = process.port();
    this.managementPort = process.port();
    awaitReady(begun + READY_NANOS);
    this.readyNanos = System.nanoTime() - begun;
  }

  /** Starts one with the options of {@link Settings} and waits until it is ready. */
  public static Instance start(String... arguments) throws IOException, InterruptedException {
    return start(Settings.FULL ? BEFORE_ATTACKERS : List.of(), List.of(arguments));
  }

  /** The same, by a command before that of Java, such as one that binds it to a core. */
  public static Instance start(List<String> before, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(ARGUMENTS);
    all.addAll(arguments);
    ProcessBuilder command = ServerProcess.program(Settings.jvm(), all);
    if (!JAR.isEmpty() || Settings.CACHED) {
      List<String> words = new ArrayList<>(command.command().subList(0, 1));
      words.addAll(Settings.jvm());
      words.addAll(
          Settings.CACHED
              ? CachedProgram.options()
              : List.of("-jar", Path.of(JAR).toAbsolutePath().toString()));
      words.addAll(all);
      command.command(words);
    }
    command.command().addAll(0, before);
    long begun = System.nanoTime();
    ServerProcess process = ServerProcess.start(command);
    try {
      return new Instance(process, begun);
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      process.close();
      throw e;
    }
  }

  private void awaitReady(long deadline) throws IOException {
    while (!isUp("readiness")) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("not ready in time:\n" + process.log());
      }
      Pace.until(System.nanoTime() + LOOK_NANOS);
    }
  }

  /** Whether a probe is answered with 200, soon. */
  public boolean isUp(String probe) {
    try (Client client = new Client(managementPort, () -> PROBE_MILLIS, answer -> {})) {
      return client.get("/actuator/health/" + probe).status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Where the API is. */
  public int port() {
    return port;
  }

  /** Where health and metrics are. */
  public int managementPort() {
    return managementPort;
  }

  /** From its start to the first 200 of its readiness. */
  public long readyNanos() {
    return readyNanos;
  }

  public Memory memory() {
    return memory;
  }

  public ProcessHandle handle() {
    return process.handle();
  }

  public boolean isAlive() {
    return process.handle().isAlive();
  }

  public String log() {
    return process.log();
  }

  /** Waits for its end. */
  public int end(long seconds) throws InterruptedException, TimeoutException {
    return process.end(seconds);
  }

  /** The lines since the last call that a healthy process does not write, the first few of them. */
  public List<String> complaints() {
    List<String> lines = process.log().lines().toList();
    List<String> fresh = lines.subList(Math.min(linesSeen, lines.size()), lines.size());
    linesSeen = lines.size();
    return fresh.stream().filter(line -> COMPLAINT.matcher(line).find()).limit(5).toList();
  }

  @Override
  public void close() {
    process.close();
  }
}
