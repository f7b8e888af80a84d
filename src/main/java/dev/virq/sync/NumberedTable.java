package dev.virq.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Objects by number, in the order of their numbers. Numbers that are close to each other take a few
 * bytes each, and what was removed takes none.
 *
 * <p>Any thread; no lock. A page has the objects of 32 numbers in a row, and is never changed: what
 * is added or removed makes another page, which takes its place.
 *
 * @param <T> the objects
 */
public final class NumberedTable<T> {
  /** Numbers of a page: as many as an int has bits. */
  private static final int BITS = 5;

  /**
   * The objects of one page.
   *
   * @param present a bit for each number that is there, the lowest for the lowest number
   * @param objects theirs, in the order of the numbers
   */
  @SuppressWarnings("ArrayRecordComponent") // neither compared nor shown
  private record Page(int present, Object[] objects) {
    static Page of(int bit, Object object) {
      return new Page(1 << bit, new Object[] {object});
    }

    boolean has(int bit) {
      return (present & (1 << bit)) != 0;
    }

    /** How many are below that number: its place, if it is there. */
    int place(int bit) {
      return Integer.bitCount(present & ((1 << bit) - 1));
    }

    Page with(int bit, Object object) {
      int place = place(bit);
      if (has(bit)) {
        Object[] other = objects.clone();
        other[place] = object;
        return new Page(present, other);
      }
      Object[] more = new Object[objects.length + 1];
      System.arraycopy(objects, 0, more, 0, place);
      more[place] = object;
      System.arraycopy(objects, place, more, place + 1, objects.length - place);
      return new Page(present | (1 << bit), more);
    }

    @Nullable Page without(int bit) {
      if (objects.length == 1) {
        return null;
      }
      int place = place(bit);
      Object[] fewer = Arrays.copyOf(objects, objects.length - 1);
      System.arraycopy(objects, place + 1, fewer, place, fewer.length - place);
      return new Page(present & ~(1 << bit), fewer);
    }
  }

  private final ConcurrentSkipListMap<Long, Page> pages = new ConcurrentSkipListMap<>();

  private static int bit(long number) {
    return (int) number & ((1 << BITS) - 1);
  }

  /** Adds or replaces. */
  public void put(long number, T object) {
    var _ =
        pages.compute(
            number >> BITS,
            (_, page) ->
                page == null ? Page.of(bit(number), object) : page.with(bit(number), object));
  }

  /** The object of that number, or null. */
  @SuppressWarnings("unchecked") // only such objects are put
  public @Nullable T get(long number) {
    Page page = pages.get(number >> BITS);
    return page == null || !page.has(bit(number))
        ? null
        : (T) page.objects[page.place(bit(number))];
  }

  /** Removes that object, if it has the number; whether it had. */
  @SuppressWarnings("ReferenceEquality") // that one object, whatever it calls its equal
  public boolean remove(long number, T object) {
    while (true) {
      Page page = pages.get(number >> BITS);
      if (page == null
          || !page.has(bit(number))
          || page.objects[page.place(bit(number))] != object) {
        return false;
      }
      Page rest = page.without(bit(number));
      // Pages are compared as they are, each being one object: a record's own equals would do too.
      boolean done =
          rest == null
              ? pages.remove(number >> BITS, page)
              : pages.replace(number >> BITS, page, rest);
      if (done) {
        return true;
      }
    }
  }

  /** Removes the object of that number; what was there, or null. */
  public @Nullable T remove(long number) {
    while (true) {
      T object = get(number);
      if (object == null || remove(number, object)) {
        return object;
      }
    }
  }

  /** The objects after a number, in order. */
  @SuppressWarnings("unchecked") // only such objects are put
  public List<T> after(long number, int limit) {
    List<T> found = new ArrayList<>();
    long first = number >> BITS;
    for (var entry : pages.tailMap(first, true).entrySet()) {
      Page page = entry.getValue();
      // What is up to the number itself is left out of its page.
      int from =
          entry.getKey() == first ? page.place(bit(number)) + (page.has(bit(number)) ? 1 : 0) : 0;
      for (int place = from; place < page.objects.length; place++) {
        if (found.size() == limit) {
          return found;
        }
        found.add((T) page.objects[place]);
      }
    }
    return found;
  }

  /** All objects, in order: a copy. */
  public List<T> all() {
    return after(-1, Integer.MAX_VALUE);
  }

  /** Removes all. */
  public void clear() {
    pages.clear();
  }
}
