package dev.virq.attacks.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a process takes, asked from outside: by jcmd and in /proc. */
public final class Memory {
  /** The lines of GC.heap_info that do not count another one's bytes again. */
  private static final Pattern USED =
      Pattern.compile(
          "(?m)^\\s*(?:def new generation|DefNew|tenured generation|Tenured|garbage-first heap)\\b"
              + ".*?used (\\d+)K");

  private static final long JCMD_SECONDS = 60;

  private final long pid;

  /** Of that process. */
  public Memory(long pid) {
    this.pid = pid;
  }

  /** Bytes of live objects: used after a full collection. */
  public long live() throws IOException, InterruptedException {
    String _ = jcmd("GC.run");
    return used(jcmd("GC.heap_info"));
  }

  /** The largest classes by bytes, for a look at what stays behind. */
  public String histogram(int lines) throws IOException, InterruptedException {
    return String.join("\n", jcmd("GC.class_histogram").lines().limit(lines).toList());
  }

  static long used(String heapInfo) {
    Matcher matcher = USED.matcher(heapInfo);
    long sum = 0;
    boolean found = false;
    while (matcher.find()) {
      sum += Long.parseLong(matcher.group(1)) * 1024;
      found = true;
    }
    if (!found) {
      throw new IllegalStateException("GC.heap_info says nothing that is understood:\n" + heapInfo);
    }
    return sum;
  }

  /** Bytes of its own that are in memory now: heap, stacks, classes, buffers; no files. */
  public long resident() throws IOException {
    return status("RssAnon") * 1024;
  }

  public long threads() throws IOException {
    return status("Threads");
  }

  /** Open descriptors. */
  public long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  private long status(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("process " + pid + " tells no " + name);
  }

  /** Its output goes to a file: a process that hangs in the middle of it must not hang this one. */
  private String jcmd(String command) throws IOException, InterruptedException {
    String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Path output = Files.createTempFile("jcmd", ".txt");
    Process process =
        new ProcessBuilder(List.of(tool, Long.toString(pid), command))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(JCMD_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output);
      if (!ended || process.exitValue() != 0) {
        throw new IOException("jcmd " + command + ": " + text);
      }
      return text;
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
