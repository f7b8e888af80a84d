package dev.virq.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server of this machine's own: the jar, in a process that ends with this object or this JVM. */
public final class VirqServer implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

  /** Of the helper, and no settings: a misspelt one stops the start. */
  private static final Set<String> VARIABLES =
      Set.of("VIRQ_URL", "VIRQ_JAR", "VIRQ_JAVA", "VIRQ_TOKEN", "VIRQ_PREFIX");

  private static final int SECONDS_TO_START = 120;

  private final Process process;
  private final Thread atExit;
  private final String url;

  private VirqServer(Process process, String url) {
    this.process = process;
    this.url = url;
    this.atExit = new Thread(process::destroy, "virq-end");
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts a jar on a free port, with the Java that {@code VIRQ_JAVA} names, or this JVM's if it is
   * new enough, or the first one on the path.
   */
  public static VirqServer start(Path jar) {
    String own = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String otherwise = Runtime.version().feature() >= 25 ? own : "java";
    String java = System.getenv().getOrDefault("VIRQ_JAVA", otherwise);
    return start(List.of(java, "-jar", jar.toString()));
  }

  /** Starts a command that runs virq with the arguments added to it. */
  public static VirqServer start(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
    builder.environment().keySet().removeAll(VARIABLES);
    builder.command().addAll(List.of("--server.address=127.0.0.1", "--server.port=0"));
    try {
      Process process = builder.start();
      try {
        return new VirqServer(process, "http://127.0.0.1:" + port(process, command));
      } catch (RuntimeException | Error e) {
        process.destroyForcibly();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    }
  }

  private static String port(Process process, List<String> command) {
    @SuppressWarnings("JdkObsolete") // the thread that reads appends, and this one may show it
    StringBuffer said = new StringBuffer();
    CompletableFuture<String> port = new CompletableFuture<>();
    // It reads on to the end, or a full pipe would stop the server.
    Thread reader = new Thread(() -> read(process, said, port), "virq-output");
    reader.setDaemon(true);
    reader.start();
    try {
      return port.get(SECONDS_TO_START, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("virq did not start: " + command + "\n" + said, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while virq started", e);
    }
  }

  private static void read(Process process, StringBuffer said, CompletableFuture<String> port) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (port.isDone()) {
          continue;
        }
        said.append(line).append('\n');
        Matcher started = STARTED.matcher(line);
        if (started.find()) {
          port.complete(started.group(1));
        }
      }
      port.completeExceptionally(new IllegalStateException("it ended"));
    } catch (IOException e) {
      port.completeExceptionally(e);
    }
  }

  /** Its address. */
  public String url() {
    return url;
  }

  /** Ends it as SIGTERM does, and waits for its end. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This JVM is ending, and runs the hook by itself.
    }
  }
}
