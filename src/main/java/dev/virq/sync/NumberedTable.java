package dev.virq.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects by number, in the order of their numbers: a radix tree, as the kernel's xarray is.
 * Numbers that are close to each other take a few bytes each, and what was removed takes none.
 *
 * <p>Any thread. Looking takes no lock; who adds or removes holds the monitor, a leaf lock, for a
 * moment. A page has the objects of 32 numbers in a row, and is never changed: what is added or
 * removed makes another page, which takes its place. A node has what stands for 64 pages or nodes
 * in a row; one of them is replaced in place, one more or less makes another node.
 *
 * @param <T> the objects
 */
@SuppressWarnings("ReferenceEquality") // pages, nodes and objects are that very one
public final class NumberedTable<T> {
  /** Bits of a number that tell the objects of a page apart. */
  private static final int PAGE_BITS = 5;

  /** Bits of a number that tell what is below a node apart. */
  private static final int NODE_BITS = 6;

  private static final VarHandle CHILD = MethodHandles.arrayElementVarHandle(Object[].class);

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
      return new Page(present | (1 << bit), oneMore(objects, place, object));
    }

    @Nullable Page without(int bit) {
      return objects.length == 1
          ? null
          : new Page(present & ~(1 << bit), oneLess(objects, place(bit)));
    }
  }

  /**
   * What is below one node: pages, or nodes.
   *
   * @param present a bit for each that is there, the lowest for the lowest numbers
   * @param children they, in the order of the numbers; written and read by {@link #CHILD}
   */
  @SuppressWarnings("ArrayRecordComponent") // neither compared nor shown
  private record Node(long present, Object[] children) {
    static Node of(int bit, Object child) {
      return new Node(1L << bit, new Object[] {child});
    }

    private int place(int bit) {
      return Long.bitCount(present & ((1L << bit) - 1));
    }

    @Nullable Object child(int bit) {
      return (present & (1L << bit)) == 0 ? null : at(place(bit));
    }

    Object at(int place) {
      return CHILD.getAcquire(children, place);
    }

    void replace(int bit, Object child) {
      CHILD.setRelease(children, place(bit), child);
    }

    Node with(int bit, Object child) {
      return new Node(present | (1L << bit), oneMore(children, place(bit), child));
    }

    @Nullable Node without(int bit) {
      return children.length == 1
          ? null
          : new Node(present & ~(1L << bit), oneLess(children, place(bit)));
    }
  }

  /**
   * The tree at one moment.
   *
   * @param height how many nodes are above each page
   * @param top the first node; the only page when the height is 0; null when there is none
   */
  private record Tree(int height, @Nullable Object top) {
    static final Tree EMPTY = new Tree(0, null);

    boolean covers(long number) {
      return NumberedTable.covers(height, number);
    }
  }

  /** Volatile: replaced under the monitor, read by any thread. */
  private volatile Tree tree = Tree.EMPTY;

  private static Object[] oneMore(Object[] all, int place, Object one) {
    Object[] more = new Object[all.length + 1];
    System.arraycopy(all, 0, more, 0, place);
    more[place] = one;
    System.arraycopy(all, place, more, place + 1, all.length - place);
    return more;
  }

  private static Object[] oneLess(Object[] all, int place) {
    Object[] less = Arrays.copyOf(all, all.length - 1);
    System.arraycopy(all, place + 1, less, place, less.length - place);
    return less;
  }

  /** Whether a tree of that height has a place for a number. */
  private static boolean covers(int height, long number) {
    return number >>> PAGE_BITS >>> (height * NODE_BITS) == 0;
  }

  /** Which of a page a number is. */
  private static int bit(long number) {
    return (int) number & ((1 << PAGE_BITS) - 1);
  }

  /** Which of a node a number is below, the node being so many above the page. */
  private static int bit(long number, int level) {
    return (int) (number >>> (PAGE_BITS + NODE_BITS * (level - 1))) & ((1 << NODE_BITS) - 1);
  }

  /** Adds or replaces. */
  public synchronized void put(long number, T object) {
    Tree before = tree;
    int height = before.height;
    Object top = before.top;
    for (; !covers(height, number); height++) {
      top = top == null ? null : Node.of(0, top);
    }
    Object with = with(top, height, number, object);
    if (with != before.top) {
      tree = new Tree(height, with);
    }
  }

  private static Object with(@Nullable Object at, int level, long number, Object object) {
    if (level == 0) {
      int bit = bit(number);
      return at == null ? Page.of(bit, object) : ((Page) at).with(bit, object);
    }
    int bit = bit(number, level);
    Node node = (Node) at;
    Object before = node == null ? null : node.child(bit);
    Object after = with(before, level - 1, number, object);
    if (node == null) {
      return Node.of(bit, after);
    }
    if (before == null) {
      return node.with(bit, after);
    }
    if (after != before) {
      node.replace(bit, after);
    }
    return node;
  }

  /** The object of that number, or null. */
  @SuppressWarnings("unchecked") // only such objects are put
  public @Nullable T get(long number) {
    Tree now = tree;
    Object at = now.covers(number) ? now.top : null;
    for (int level = now.height; level > 0 && at != null; level--) {
      at = ((Node) at).child(bit(number, level));
    }
    Page page = (Page) at;
    int bit = bit(number);
    return page == null || !page.has(bit) ? null : (T) page.objects[page.place(bit)];
  }

  /** Removes that object, if it has the number; whether it had. */
  public synchronized boolean remove(long number, T object) {
    return get(number) == object && remove(number) != null;
  }

  /** Removes the object of that number; what was there, or null. */
  public synchronized @Nullable T remove(long number) {
    T object = get(number);
    if (object != null) {
      Tree before = tree;
      int height = before.height;
      Object top = without(before.top, height, number);
      while (height > 0 && top instanceof Node node && node.present == 1) {
        top = node.at(0);
        height--;
      }
      if (top == null) {
        tree = Tree.EMPTY;
      } else if (top != before.top) {
        tree = new Tree(height, top);
      }
    }
    return object;
  }

  /** As it is without a number that is there; null when nothing is left. */
  private static @Nullable Object without(@Nullable Object at, int level, long number) {
    if (at == null) {
      throw new IllegalStateException(number + " is not there");
    }
    if (level == 0) {
      return ((Page) at).without(bit(number));
    }
    Node node = (Node) at;
    int bit = bit(number, level);
    Object before = node.child(bit);
    Object after = without(before, level - 1, number);
    if (after == null) {
      return node.without(bit);
    }
    if (after != before) {
      node.replace(bit, after);
    }
    return node;
  }

  /** The object of the lowest number, or null when there is none. */
  @SuppressWarnings("unchecked") // only such objects are put
  public @Nullable T first() {
    Tree now = tree;
    Object at = now.top;
    for (int level = now.height; level > 0 && at != null; level--) {
      at = ((Node) at).at(0);
    }
    return at == null ? null : (T) ((Page) at).objects[0];
  }

  /** The objects after a number, in order. */
  public List<T> after(long number, int limit) {
    List<T> found = new ArrayList<>();
    Tree now = tree;
    long from = Math.max(-1, number) + 1;
    if (from >= 0 && now.covers(from) && now.top != null && limit > 0) {
      collect(now.top, now.height, from, limit, found);
    }
    return found;
  }

  /** Adds what is below a page or node, from a number on that may be one of it, up to the limit. */
  @SuppressWarnings("unchecked") // only such objects are put
  private void collect(Object at, int level, long from, int limit, List<T> found) {
    if (level == 0) {
      Page page = (Page) at;
      for (int place = page.place(bit(from));
          place < page.objects.length && found.size() < limit;
          place++) {
        found.add((T) page.objects[place]);
      }
      return;
    }
    Node node = (Node) at;
    int bit = bit(from, level);
    Object first = node.child(bit);
    int place = node.place(bit);
    if (first != null) {
      collect(first, level - 1, from, limit, found);
      place++;
    }
    for (; place < node.children.length && found.size() < limit; place++) {
      collect(node.at(place), level - 1, 0, limit, found);
    }
  }

  /** All objects, in order: a copy. */
  public List<T> all() {
    return after(-1, Integer.MAX_VALUE);
  }

  /** Removes all. */
  public synchronized void clear() {
    tree = Tree.EMPTY;
  }
}
