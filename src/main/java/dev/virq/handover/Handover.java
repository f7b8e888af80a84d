package dev.virq.handover;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.SnapshotFault;
import dev.virq.snapshot.SnapshotSize;
import dev.virq.snapshot.Snapshots;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.JacksonIOException;

/**
 * A directory in which an instance that ends leaves its sandboxes, a file each, and from which the
 * next start goes on with them: decision 32. In this order: {@link #take}, {@link #withdraw},
 * {@link #began}, {@link #leave}.
 *
 * <p>One thread at a time: at the start before anybody calls, and at the end when nobody does any
 * more. A sandbox that cannot be taken or left is said in the log, and the others are.
 */
public final class Handover implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

  /**
   * The largest heap for the longest file. Every sandbox that the shares of memory allow is
   * shorter, unless they were set higher.
   */
  private static final long HEAP_OF_A_FILE = 12;

  private final HandoverDirectory directory;
  private final String version;
  private final long maxBytes;
  private final LeftSandboxJson json = new LeftSandboxJson();

  /** Names of files that were not taken. */
  private final List<String> refused = new ArrayList<>();

  private boolean begun;

  /**
   * Of a directory, which is made if it is not there.
   *
   * @param directory of this instance alone
   * @param version of this program
   * @param heapBytes the largest heap
   * @throws HandoverFailure it cannot be used
   */
  public Handover(Path directory, String version, long heapBytes) {
    this.directory = HandoverDirectory.open(directory);
    this.version = version;
    this.maxBytes = heapBytes / HEAP_OF_A_FILE;
  }

  // ---- the start

  /**
   * Goes on with what is there. Nothing in the directory is changed.
   *
   * @return the names of the sandboxes that it goes on with
   * @throws HandoverFailure the directory or a file cannot be read
   */
  public Set<String> take(Sandboxes sandboxes) {
    Set<String> names = new HashSet<>();
    // The longest first, as long as there is little beside it.
    for (Path file : directory.left()) {
      String name = HandoverDirectory.name(file);
      try {
        take(name, file, sandboxes);
        boolean _ = names.add(name);
      } catch (IOException | JacksonIOException e) {
        // It may well be fit to be taken.
        throw new HandoverFailure(file, "cannot be read: " + e);
      } catch (RuntimeException e) {
        LOG.warn("{} is not taken: {}", file, sentence(e));
        refused.add(name);
      }
    }
    return names;
  }

  private void take(String name, Path file, Sandboxes sandboxes) throws IOException {
    LeftSandbox one;
    try (InputStream open = HandoverDirectory.read(file, maxBytes)) {
      one = json.read(open);
    }
    if (!one.name().equals(name)) {
      throw new IllegalArgumentException("it is of the sandbox \"" + one.name() + "\"");
    }
    SandboxSpec settings = one.settings(sandboxes);
    Duration lease = one.lease(settings, sandboxes.limits());
    sandboxes.resume(settings, one.uid(), lease, host -> Snapshots.restore(host, one.snapshot()));
  }

  /**
   * Calls may come from here on: nobody is to go on with what was there before them.
   *
   * @throws HandoverFailure that cannot be prevented
   */
  public void withdraw() {
    directory.withdraw(!refused.isEmpty());
  }

  /** It listens. What was refused is put aside, and from here on all that there is can be left. */
  public void began() {
    begun = true;
    refused.forEach(directory::refuse);
    directory.deleteTaken();
  }

  // ---- the end

  /**
   * Leaves sandboxes in which nothing is in flight.
   *
   * @param settled the sandboxes
   * @param budget how long it may take
   * @return how many were left
   */
  public int leave(List<Sandbox> settled, Duration budget) {
    if (!begun) {
      LOG.info("the start was not over: what was left before stays as it is");
      directory.putBack();
      return 0;
    }
    long deadline = System.nanoTime() + budget.toNanos();
    // The shortest first, so that time that runs out costs few. By one look: they still change.
    Map<Sandbox, Long> bytes = new HashMap<>();
    settled.forEach(sandbox -> bytes.put(sandbox, sandbox.memoryUsed()));
    List<Sandbox> all = new ArrayList<>(settled);
    all.sort(Comparator.comparing(bytes::get));
    int left = 0;
    for (Sandbox sandbox : all) {
      String name = sandbox.settings().name();
      try {
        requireTime(deadline);
        left += leave(name, sandbox, deadline) ? 1 : 0;
      } catch (IOException | RuntimeException e) {
        LOG.warn("sandbox {} is not handed over: {}", name, sentence(e));
      }
    }
    return left;
  }

  private static void requireTime(long deadline) {
    if (System.nanoTime() - deadline >= 0) {
      throw new ErrnoException(Errno.ETIMEDOUT, "the shutdown has no time left for it");
    }
  }

  /** Whether there was anything to leave. */
  private boolean leave(String name, Sandbox sandbox, long deadline) throws IOException {
    Sandbox.Life life = sandbox.life();
    SnapshotSize size = SnapshotSize.of(life.host());
    if (size.open() > maxBytes) {
      throw tooLong(maxBytes);
    }
    try {
      return leave(name, life, deadline, true);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.E2BIG || size.history() == 0) {
        throw e;
      }
      boolean left = leave(name, life, deadline, false);
      LOG.warn("sandbox {} is handed over without freed irqfds and released VMs", name);
      return left;
    }
  }

  private boolean leave(String name, Sandbox.Life life, long deadline, boolean history)
      throws IOException {
    Snapshot snapshot = Snapshots.take(life.host(), version, history);
    if (name.equals(Sandboxes.DEFAULT) && isUnused(snapshot)) {
      return false;
    }
    LeftSandbox one = LeftSandbox.of(life, snapshot);
    directory.write(name, out -> json.write(new Bounded(out, maxBytes, deadline), one));
    // Looked at last: who ends it says so before it is empty.
    boolean there = !life.sandbox().isClosed();
    if (!there) {
      directory.delete(name);
    }
    return there;
  }

  private static ErrnoException tooLong(long maxBytes) {
    return new ErrnoException(
        Errno.E2BIG,
        "it is longer than %,d bytes, a %dth of the heap".formatted(maxBytes, HEAP_OF_A_FILE));
  }

  /** Whether nobody has made anything: the next start has one like it. */
  private static boolean isUnused(Snapshot snapshot) {
    return snapshot.next().equals(new Snapshot.Next(1, 1, 1, 1, 1));
  }

  /** Refuses what would be too long to be read again, and what takes too long. */
  private static final class Bounded extends FilterOutputStream {
    private final long maxBytes;
    private final long deadline;
    private long written;

    Bounded(OutputStream out, long maxBytes, long deadline) {
      super(out);
      this.maxBytes = maxBytes;
      this.deadline = deadline;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written += length;
      if (written > maxBytes) {
        throw tooLong(maxBytes);
      }
      requireTime(deadline);
      out.write(bytes, offset, length);
    }
  }

  private static String sentence(Exception e) {
    return switch (e) {
      case ErrnoException refusal -> refusal.errno() + ", " + refusal.sentence();
      case SnapshotFault fault -> "/snapshot" + fault.pointer() + ": " + fault.sentence();
      case JacksonIOException wrong -> String.valueOf(wrong.getMessage());
      case JacksonException wrong -> "no JSON of a sandbox: " + wrong.getOriginalMessage();
      case IllegalArgumentException wrong -> String.valueOf(wrong.getMessage());
      default -> e.toString();
    };
  }

  /** Gives the directory up. */
  @Override
  public void close() throws IOException {
    directory.close();
  }
}
