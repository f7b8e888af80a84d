package dev.virq.access;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of a file that may be replaced while the program runs, as that of a mounted Secret is.
 *
 * <p>Any thread. A request that finds the last look older than ten seconds looks again; no thread
 * waits for changes. A file that has become unreadable or wrong changes nothing, and the log says
 * so once.
 */
final class TokensFile {
  private static final Logger LOG = LoggerFactory.getLogger(TokensFile.class);

  /** Longest time for which a token works that is no longer in the file. */
  static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int MOST_BYTES = 64 * 1024;

  private final Path path;
  private final LongSupplier nanoClock;

  /** When to look again; whoever moves it on looks. */
  private final AtomicLong due;

  /** Replaced as a whole by the one that looks; volatile for all others. */
  private volatile Tokens tokens;

  /** The text that was seen last, or why there was none; volatile as {@link #tokens}. */
  private volatile String seen;

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when it cannot be read or is not right, with the reason
   */
  TokensFile(Path path, LongSupplier nanoClock) {
    this.path = path;
    this.nanoClock = nanoClock;
    this.due = new AtomicLong(nanoClock.getAsLong() + LOOK_NANOS);
    this.seen = read(path);
    this.tokens = Tokens.parse(seen);
  }

  /** What a token reaches, or null when it is none of the file's. */
  @Nullable Reach reachOf(String token) {
    long now = nanoClock.getAsLong();
    long before = due.get();
    if (now - before >= 0 && due.compareAndSet(before, now + LOOK_NANOS)) {
      look();
    }
    return tokens.reachOf(token);
  }

  private void look() {
    String text = "";
    try {
      text = read(path);
      if (text.equals(seen)) {
        return;
      }
      Tokens changed = Tokens.parse(text);
      tokens = changed;
      LOG.info("{} has changed: {} tokens are in force", path, changed.size());
    } catch (IllegalArgumentException e) {
      text = text.isEmpty() ? String.valueOf(e.getMessage()) : text;
      if (!text.equals(seen)) {
        LOG.error("{} has changed, and the tokens before stay in force: {}", path, e.getMessage());
      }
    }
    seen = text;
  }

  private static String read(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IllegalArgumentException("it has more than " + MOST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "it cannot be read: " + e.getClass().getSimpleName() + " " + e.getMessage(), e);
    }
  }
}
