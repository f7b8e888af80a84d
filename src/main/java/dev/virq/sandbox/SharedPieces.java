package dev.virq.sandbox;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last pieces of text that event streams of one sandbox were sent: what one has made of the
 * events, others send too. As many as there are streams, at most {@value #MOST}; none for one that
 * is alone. Any thread; no lock.
 */
public final class SharedPieces {
  private static final int MOST = 64;

  /** Bytes of a piece that is worth keeping. */
  private static final int LONGEST = 16_384;

  @SuppressWarnings("ArrayRecordComponent") // never compared, and never changed
  private record Piece(long number, byte[] text) {}

  /**
   * A power of two of them; null for a stream that is alone. Volatile: set when streams come and
   * go, read by all.
   */
  private volatile @Nullable AtomicReferenceArray<@Nullable Piece> slots;

  SharedPieces() {}

  /** The piece of that number, or null when nobody has made it or it is forgotten. */
  public byte @Nullable [] find(long number) {
    AtomicReferenceArray<@Nullable Piece> now = slots;
    Piece piece = now == null ? null : now.get(slot(now, number));
    return piece != null && piece.number() == number ? piece.text() : null;
  }

  /** Keeps a piece for others, unless a newer one is kept in its place. It must not change. */
  public void keep(long number, byte[] text) {
    AtomicReferenceArray<@Nullable Piece> now = slots;
    if (now == null || text.length > LONGEST) {
      return;
    }
    int slot = slot(now, number);
    Piece kept = now.get(slot);
    if (kept == null || kept.number() < number) {
      // If another was faster, one of the two is made again: no harm.
      boolean _ = now.compareAndSet(slot, kept, new Piece(number, text));
    }
  }

  /** So many streams are open now. */
  synchronized void sharedBy(long streams) {
    AtomicReferenceArray<@Nullable Piece> now = slots;
    int before = now == null ? 0 : now.length();
    int count = streams < 2 ? 0 : Integer.highestOneBit((int) Math.min(streams, MOST));
    if (count != before) {
      slots = count == 0 ? null : new AtomicReferenceArray<>(count);
    }
  }

  private static int slot(AtomicReferenceArray<@Nullable Piece> slots, long number) {
    return (int) (number & (slots.length() - 1));
  }
}
