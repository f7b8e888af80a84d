package dev.virq.sandbox;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The answers to the calls on a sandbox that carried a key of their caller's, so that one that is
 * sent again is answered again, and not made again. Kept until the sandbox ends, over its resets:
 * what was made was made.
 *
 * <p>Keys are charged before their call is made, as objects; a call whose key cannot be kept is
 * refused. To make room, the oldest answers go first, and only for new keys the oldest keys too: of
 * a key without its answer it is still known that the call was made. An answer that finds no room,
 * or is too long, is not kept, and takes nobody else's.
 *
 * <p>Any thread; the monitor is a leaf lock but for the budget's.
 */
public final class KeptAnswers {
  /** Keys that are kept. */
  public static final int MOST = 1_000;

  /** Bytes of the longest answer that is kept. */
  public static final int LONGEST = 64 << 10;

  /** Bytes of all answers: a sandbox's memory is for its objects. */
  static final long MOST_BYTES = 1 << 20;

  private static final String KEY = "idempotencyKey";

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param reason what its status line says of a refusal; null for the status's own phrase
   * @param headers those that belong to the body
   * @param body as it was sent
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on to be sent, never compared
  public record Answer(
      int status, @Nullable String reason, Map<String, String> headers, byte[] body) {
    /** Bytes of the heap, at most. */
    private long bytes() {
      long bytes = body.length;
      bytes += reason == null ? 0 : reason.length();
      for (Map.Entry<String, String> header : headers.entrySet()) {
        bytes += header.getKey().length() + header.getValue().length();
      }
      return bytes;
    }
  }

  /** A call that is being made, or was. Its fields are guarded by the monitor of the whole. */
  private static final class Call {
    final String key;
    final byte[] digest;
    final long number;
    long bytes;
    boolean over;
    @Nullable Answer answer;

    Call(String key, byte[] digest, long number, long bytes) {
      this.key = key;
      this.digest = digest;
      this.number = number;
      this.bytes = bytes;
    }
  }

  private final Budget memory;

  @GuardedBy("this")
  private final TreeMap<String, Call> byKey = new TreeMap<>();

  /** Those that are over, oldest first. */
  @GuardedBy("this")
  private final TreeMap<Long, Call> over = new TreeMap<>();

  /** Those of them whose answer is kept, oldest first. */
  @GuardedBy("this")
  private final TreeMap<Long, Call> answered = new TreeMap<>();

  /** Bytes of these answers. */
  @GuardedBy("this")
  private long answerBytes;

  @GuardedBy("this")
  private long number;

  @GuardedBy("this")
  private long bytes;

  @GuardedBy("this")
  private boolean ended;

  KeptAnswers(Budget memory) {
    this.memory = memory;
  }

  /** Whether a call was refused because another one had its key. */
  public static boolean isOther(ErrnoException refusal) {
    return refusal.errno() == Errno.EINVAL && refusal.facts().containsKey(KEY);
  }

  /**
   * Begins a call: to be made, and then to be finished or dropped, if there is no answer.
   *
   * @param key the caller's
   * @param digest of all that makes two calls the same
   * @return the answer when it was made before
   * @throws ErrnoException EINVAL when another call has the key; EAGAIN when it is under way;
   *     EEXIST when it was made and its answer was not kept; EMFILE, ENFILE when there is no room
   *     for the key
   */
  public synchronized @Nullable Answer begin(String key, byte[] digest) {
    Call there = byKey.get(key);
    if (there == null) {
      start(key, digest);
      return null;
    }
    if (!Arrays.equals(there.digest, digest)) {
      throw new ErrnoException(
          Errno.EINVAL,
          "Idempotency-Key \"%s\" is that of another call, with another path, query or body"
              .formatted(key),
          Map.of(KEY, key));
    }
    if (!there.over) {
      throw new ErrnoException(
          Errno.EAGAIN,
          "the first call with Idempotency-Key \"%s\" is under way".formatted(key),
          Map.of(KEY, key));
    }
    Answer answer = there.answer;
    if (answer == null) {
      throw new ErrnoException(
          Errno.EEXIST,
          "the call with Idempotency-Key \"%s\" was made; its answer was not kept: it is longer than %d bytes, broke off, or had no room"
              .formatted(key, LONGEST),
          Map.of(KEY, key));
    }
    return answer;
  }

  @GuardedBy("this")
  private void start(String key, byte[] digest) {
    if (ended) {
      throw new ErrnoException(Errno.ENOENT, "the sandbox was deleted during the call");
    }
    long needed = Cost.KEPT_ANSWER.bytes() + Cost.CHARACTER.of(key.length());
    if (byKey.size() >= MOST && !forgetOldest()) {
      throw new ErrnoException(
          Errno.EMFILE,
          "limit of %d calls with an Idempotency-Key reached: as many are under way"
              .formatted(MOST),
          Map.of("limit", MOST));
    }
    if (!memory.tryAcquire(needed)) {
      // As much as it takes, and no more: what is missing may be missing for others' sake.
      boolean answersDo = answerBytes >= needed;
      long before = bytes;
      while (before - bytes < needed && (answersDo ? forgetOldestAnswer() : forgetOldest())) {
        // Once more.
      }
      // Says whose limit it is.
      memory.acquire(needed, Cost.KEPT_ANSWER);
    }
    byKey.put(key, new Call(key, digest, number++, needed));
    bytes += needed;
  }

  @GuardedBy("this")
  private boolean forgetOldest() {
    Map.Entry<Long, Call> oldest = over.firstEntry();
    if (oldest == null) {
      return false;
    }
    forget(oldest.getValue());
    return true;
  }

  @GuardedBy("this")
  private boolean forgetOldestAnswer() {
    Map.Entry<Long, Call> oldest = answered.firstEntry();
    if (oldest == null) {
      return false;
    }
    forgetAnswer(oldest.getValue());
    return true;
  }

  @GuardedBy("this")
  private void forgetAnswer(Call call) {
    Answer answer = call.answer;
    if (answer != null) {
      long size = answer.bytes();
      call.answer = null;
      call.bytes -= size;
      answered.remove(call.number);
      memory.release(size);
      bytes -= size;
      answerBytes -= size;
    }
  }

  @GuardedBy("this")
  private void forget(Call call) {
    forgetAnswer(call);
    byKey.remove(call.key);
    over.remove(call.number);
    memory.release(call.bytes);
    bytes -= call.bytes;
  }

  /**
   * The call was made.
   *
   * @param answer what it was answered; null when that is not known in full
   */
  public synchronized void finish(String key, @Nullable Answer answer) {
    Call call = byKey.get(key);
    if (call == null) {
      // The sandbox has ended.
      return;
    }
    call.over = true;
    over.put(call.number, call);
    if (answer == null || !makeRoom(answer.bytes())) {
      return;
    }
    long size = answer.bytes();
    call.answer = answer;
    call.bytes += size;
    answered.put(call.number, call);
    bytes += size;
    answerBytes += size;
  }

  /** Takes bytes for an answer, at the cost of older answers, if there are enough of those. */
  @GuardedBy("this")
  private boolean makeRoom(long size) {
    if (size > LONGEST) {
      return false;
    }
    while (answerBytes + size > MOST_BYTES) {
      var _ = forgetOldestAnswer();
    }
    if (memory.tryAcquire(size)) {
      return true;
    }
    if (answerBytes < size) {
      return false;
    }
    long before = bytes;
    while (before - bytes < size) {
      var _ = forgetOldestAnswer();
    }
    return memory.tryAcquire(size);
  }

  /** The call was not made: whoever sends it again makes it. */
  public synchronized void drop(String key) {
    Call call = byKey.get(key);
    if (call != null) {
      forget(call);
    }
  }

  /** Keys that are kept. */
  synchronized int size() {
    return byKey.size();
  }

  /** Gives everything back; nothing is kept any more. */
  synchronized void end() {
    ended = true;
    memory.release(bytes);
    bytes = 0;
    answerBytes = 0;
    byKey.clear();
    over.clear();
    answered.clear();
  }
}
