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
  /** The last line of GC.class_histogram: objects, then bytes. */
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  /** What collectors fill gaps with: no objects, but counted as such. */
  private static final Pattern FILLER =
      Pattern.compile("(?m)^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+\\S*jdk\\.internal\\.vm\\.Filler");

  private static final long JCMD_SECONDS = 60;

  private final long pid;

  /** Of that process. */
  public Memory(long pid) {
    this.pid = pid;
  }

  /**
   * Bytes of live objects, each counted by itself: {@code GC.heap_info} is of no use here, for G1
   * rounds it up to whole regions.
   */
  public long live() throws IOException, InterruptedException {
    return total(jcmd("GC.class_histogram"));
  }

  /** The largest classes by bytes, for a look at what stays behind. */
  public String histogram(int lines) throws IOException, InterruptedException {
    return String.join("\n", jcmd("GC.class_histogram").lines().limit(lines).toList());
  }

  static long total(String histogram) {
    Matcher matcher = TOTAL.matcher(histogram);
    if (!matcher.find()) {
      throw new IllegalStateException(
          "GC.class_histogram says nothing that is understood:\n" + histogram);
    }
    long total = Long.parseLong(matcher.group(1));
    Matcher filler = FILLER.matcher(histogram);
    while (filler.find()) {
      total -= Long.parseLong(filler.group(1));
    }
    return total;
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
