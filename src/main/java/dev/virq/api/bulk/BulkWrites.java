package dev.virq.api.bulk;

import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.share.Turn;
import dev.virq.sync.Yield;
import dev.virq.workqueue.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/** The writes of one request. One thread asks for them; they may run on several. */
final class BulkWrites {
  private final Host host;
  private final List<Item> items = new ArrayList<>();
  private final List<ItemTally> tallies = new ArrayList<>();

  BulkWrites(Host host) {
    this.host = host;
  }

  /**
   * Writes to one eventfd.
   *
   * @param eventfd which
   * @param value what to add, unsigned
   * @param repeat how often
   */
  record Item(EventfdName eventfd, long value, int repeat) {}

  /** Takes an item; {@link #run} makes its writes. */
  void add(Item item) {
    items.add(item);
    tallies.add(new ItemTally());
  }

  /** Takes an item and makes its writes at once. */
  void addAndWrite(Item item, Turn turn) {
    add(item);
    int index = items.size() - 1;
    for (int i = 0; i < item.repeat(); i++) {
      write(index);
      turn.step();
    }
  }

  /** Takes something that is no item: its writes are refused. */
  void addRefused(ErrnoException why) {
    ItemTally tally = new ItemTally();
    tally.refused(1, why);
    tallies.add(tally);
    items.add(new Item(EventfdName.fd(-1), 0, 0));
  }

  /** The tallies, in the order of the items. */
  List<ItemTally> tallies() {
    return tallies;
  }

  /** How many single writes were accepted so far. */
  long accepted() {
    return tallies.stream().mapToLong(tally -> tally.signals().size()).sum();
  }

  /** Every single write, by its item's place, as the items were given. */
  int[] given() {
    int[] order = new int[items.stream().mapToInt(Item::repeat).sum()];
    int at = 0;
    for (int index = 0; index < items.size(); index++) {
      for (int i = 0; i < items.get(index).repeat(); i++) {
        order[at++] = index;
      }
    }
    return order;
  }

  /** The same writes in an order that the numbers decide. */
  static int[] shuffled(int[] order, RandomGenerator numbers) {
    int[] shuffled = order.clone();
    for (int i = shuffled.length - 1; i > 0; i--) {
      int j = numbers.nextInt(i + 1);
      int other = shuffled[j];
      shuffled[j] = shuffled[i];
      shuffled[i] = other;
    }
    return shuffled;
  }

  /**
   * Makes the writes, in that order, on so many threads; returns when all are made.
   *
   * @param turn of the calling thread; the others write in it, too
   */
  void run(int[] order, int threads, Turn turn) {
    if (threads == 1) {
      for (int index : order) {
        write(index);
        turn.step();
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    ReentrantLock stepping = new ReentrantLock();
    Runnable some =
        () -> {
          for (int i = next.getAndIncrement(); i < order.length; i = next.getAndIncrement()) {
            write(order[i]);
            step(turn, stepping);
          }
        };
    Executor executor = Workers.virtual("bulk");
    CompletableFuture<?>[] all = new CompletableFuture<?>[Math.min(threads, order.length)];
    for (int i = 0; i < all.length; i++) {
      all[i] = CompletableFuture.runAsync(some, executor);
    }
    CompletableFuture.allOf(all).join();
  }

  /** While the turn is another's, all threads wait: one for the turn, the others for that one. */
  private static void step(Turn turn, ReentrantLock stepping) {
    stepping.lock();
    try {
      turn.step();
    } finally {
      stepping.unlock();
    }
    Yield.toSome();
  }

  private void write(int index) {
    Item item = items.get(index);
    ItemTally tally = tallies.get(index);
    try {
      tally.accepted(host.eventfds().write(item.eventfd(), item.value()));
    } catch (ErrnoException e) {
      tally.refused(1, e);
    }
  }
}
