package dev.virq.trace;

import org.jspecify.annotations.Nullable;

/**
 * The slots of an event log, a power of two of them. Used by one thread at a time.
 *
 * <p>An event is nine words and no reference: recording is to dirty no more than two cache lines,
 * and to pass no barrier of the collector. So what it says in words is kept as their numbers, which
 * does not keep alive what the sandbox has freed either.
 */
final class EventSlots {
  private static final int WORDS = 9;
  private static final int DETAIL_SHIFT = 8;
  private static final int WORKER_SHIFT = 32;
  private static final Tracepoint[] POINTS = Tracepoint.values();

  private final FewWords details = new FewWords();
  private final FewWords workers = new FewWords();

  // An event's words stand at (its number - 1) % capacity.
  private long[] words = {};
  private int capacity;

  /** How many there are. */
  int capacity() {
    return capacity;
  }

  private int at(long number) {
    return (int) ((number - 1) & (capacity - 1)) * WORDS;
  }

  /**
   * Writes an event, in the place of the one so many before it as there are slots.
   *
   * @param number its number
   * @param nanos when, since the log began
   * @param worker which worker the thread is, or in whose place it works; null for any other
   */
  void write(
      long number,
      long nanos,
      Tracepoint point,
      Subject subject,
      long value,
      Detail detail,
      @Nullable String worker) {
    long signal = subject.signalId();
    int at = at(number);
    words[at] = nanos;
    words[at + 1] = subject.vmId();
    words[at + 2] = subject.irqfdId();
    words[at + 3] = subject.eventfdId();
    words[at + 4] = subject.gsi();
    words[at + 5] = value;
    words[at + 6] = signal == 0 ? detail.signalId() : signal;
    words[at + 7] = Thread.currentThread().threadId();
    words[at + 8] =
        point.ordinal()
            | (long) details.of(detail.label()) << DETAIL_SHIFT
            | (long) workers.of(worker) << WORKER_SHIFT;
  }

  /**
   * Reads an event that is kept.
   *
   * @param prefix what the names of workers begin with, which is left out
   */
  TraceEvent read(long number, @Nullable String prefix) {
    int at = at(number);
    long said = words[at + 8];
    String worker = workers.word((int) (said >>> WORKER_SHIFT));
    return new TraceEvent(
        number,
        words[at],
        POINTS[(int) said & ((1 << DETAIL_SHIFT) - 1)],
        words[at + 1],
        words[at + 2],
        words[at + 3],
        words[at + 4],
        words[at + 5],
        words[at + 6],
        details.word((int) said >>> DETAIL_SHIFT),
        worker == null || prefix == null ? worker : worker.substring(prefix.length()),
        words[at + 7]);
  }

  /**
   * Makes more slots. They are full, and the oldest event is in the first; each is to be in the
   * slot that its number says.
   *
   * @param oldest number of the oldest event
   */
  void grow(int slots, long oldest) {
    long[] before = words;
    words = new long[slots * WORDS];
    capacity = slots;
    System.arraycopy(before, 0, words, at(oldest), before.length);
  }
}
