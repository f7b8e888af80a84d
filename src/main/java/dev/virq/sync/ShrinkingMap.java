package dev.virq.sync;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map in the order of insertion whose table shrinks with it. The table of a {@link LinkedHashMap}
 * stays as large as it ever was: a client could fill one after the other and leave them all behind,
 * empty and paid for by nobody. Not for threads that race.
 */
public final class ShrinkingMap<K, V> {
  /** A table of that size is left alone. */
  private static final int SMALL = 64;

  private Map<K, V> entries = new LinkedHashMap<>();

  /** The largest size since the table was made. */
  private int peak;

  /** Adds or replaces. */
  public void put(K key, V value) {
    entries.put(key, value);
    peak = Math.max(peak, entries.size());
  }

  /** The value of the key, or null. */
  public @Nullable V get(K key) {
    return entries.get(key);
  }

  /** Removes; what was there, or null. */
  public @Nullable V remove(K key) {
    V value = entries.remove(key);
    shrink();
    return value;
  }

  /** Removes that value, if the key has it. */
  public void remove(K key, V value) {
    if (entries.remove(key, value)) {
      shrink();
    }
  }

  /** Removes all. */
  public void clear() {
    entries = new LinkedHashMap<>();
    peak = 0;
  }

  /** How many there are. */
  public int size() {
    return entries.size();
  }

  /** The values, in the order of insertion: a copy. */
  public List<V> values() {
    return List.copyOf(entries.values());
  }

  /** The entries, in the order of insertion: a copy. */
  public Map<K, V> copy() {
    return new LinkedHashMap<>(entries);
  }

  private void shrink() {
    if (peak > SMALL && entries.size() < peak / 4) {
      entries = new LinkedHashMap<>(entries);
      peak = entries.size();
    }
  }
}
