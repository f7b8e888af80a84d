package dev.virq.testing;

import dev.virq.VirqApplication;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A virq in a process of its own, and what it says. */
public final class ServerProcess implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");
  private static final int ENDED = -1;

  private final Process process;
  private final BlockingQueue<Integer> ports = new LinkedBlockingQueue<>();
  private final List<String> log = new ArrayList<>();
  private final Thread reader;

  private ServerProcess(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** Starts what was prepared. */
  public static ServerProcess start(ProcessBuilder command) throws IOException {
    return new ServerProcess(command.redirectErrorStream(true).start());
  }

  /** The program of this class path on this JVM's Java, with these options and arguments. */
  public static ProcessBuilder program(List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(options);
    // The runner may have started this JVM from a jar that only names the class path.
    String classPath = System.getProperty("java.class.path");
    command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", classPath)));
    command.add(VirqApplication.class.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }

  /** The next port it serves on, in the order of the log; waits until it does. */
  public int port() throws InterruptedException {
    int port = ports.take();
    if (port == ENDED) {
      throw new AssertionError("it ended before it served:\n" + log());
    }
    return port;
  }

  /** The process as it was started. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Lines so far. */
  public String log() {
    synchronized (log) {
      return String.join("\n", log);
    }
  }

  /**
   * Waits for its end and its last words.
   *
   * @return its exit code
   */
  public int end(long seconds) throws InterruptedException, TimeoutException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new TimeoutException("still running after " + seconds + " s:\n" + log());
    }
    reader.join();
    return process.exitValue();
  }

  /** Kills it and what it started, if they still run. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (log) {
          log.add(line);
        }
        Matcher started = STARTED.matcher(line);
        if (started.find()) {
          ports.add(Integer.valueOf(started.group(1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      // Whoever still waits for a port waits no longer.
      ports.add(ENDED);
    }
  }
}
