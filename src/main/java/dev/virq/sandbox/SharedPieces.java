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

  private record Piece(long number, byte[] text) {}

  private final AtomicReferenceArray<@Nullable Piece> slots = new AtomicReferenceArray<>(MOST);

  /** A power of two, or 0. Volatile: set when streams come and go, read by all. */
  private volatile int used;

  SharedPieces() {}

  /** The piece of that number, or null when nobody has made it or it is forgotten. */
  public byte @Nullable [] find(long number) {
    int count = used;
    Piece piece = count == 0 ? null : slots.get((int) (number & (count - 1)));
    return piece != null && piece.number() == number ? piece.text() : null;
  }

  /** Keeps a piece for others, unless a newer one is kept in its place. It must not change. */
  public void keep(long number, byte[] text) {
    int count = used;
    if (count == 0 || text.length > LONGEST) {
      return;
    }
    int slot = (int) (number & (count - 1));
    Piece kept = slots.get(slot);
    if (kept == null || kept.number() < number) {
      // If another was faster, one of the two is made again: no harm.
      boolean _ = slots.compareAndSet(slot, kept, new Piece(number, text));
    }
  }

  /** So many streams are open now. */
  void sharedBy(long streams) {
    int count = streams < 2 ? 0 : Integer.highestOneBit((int) Math.min(streams, MOST));
    int before = used;
    used = count;
    for (int slot = count; slot < before; slot++) {
      slots.set(slot, null);
    }
  }
}
