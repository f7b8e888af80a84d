package dev.virq.torture;

import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.Inside;
import dev.virq.srcu.SrcuDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes elements out, and lets those it took out grow older by one with each grace period that it
 * waited for, in whichever way. An element is always in one place: here, in a callback, or with a
 * cookie.
 */
final class Updater implements Runnable {
  private static final Duration A_WHILE = Duration.ofNanos(20_000);

  /** Polls after which an updater that started nothing waits for the grace period itself. */
  private static final int MOST_POLLS = 50;

  private final Tally tally = new Tally();
  private final Epoch epoch;
  private final SrcuDomain domain;
  private final SplittableRandom random;

  private final List<Element> pipe = new ArrayList<>();
  private final List<Polled> polled = new ArrayList<>();
  private final Queue<Element> returned = new ConcurrentLinkedQueue<>();
  private final AtomicLong callbacksRun = new AtomicLong();
  private final long[] cookies = new long[SrcuDomain.MOST_UNFINISHED_COOKIES];
  private long callbacksQueued;

  /** Elements that wait for a cookie. */
  private static final class Polled {
    final long cookie;
    final boolean started;
    final List<Element> elements;
    int polls;

    Polled(long cookie, boolean started, List<Element> elements) {
      this.cookie = cookie;
      this.started = started;
      this.elements = elements;
    }
  }

  Updater(Epoch epoch, SplittableRandom random) {
    this.epoch = epoch;
    this.domain = epoch.domain;
    this.random = random;
  }

  @Override
  public void run() {
    while (!epoch.over()) {
      replace();
      Flavour flavour = Flavour.of(random.nextInt(1 << 20));
      update(flavour);
      tally.updated(flavour);
      collect();
      disturb();
    }
    polled.forEach(one -> settle(one));
    polled.clear();
    domain.barrier();
    if (callbacksRun.get() != callbacksQueued) {
      epoch.fail("%,d callbacks queued, %,d run".formatted(callbacksQueued, callbacksRun.get()));
    }
  }

  /** What it did; after it has ended. */
  Tally tally() {
    tally.callbacks = callbacksRun.get();
    return tally;
  }

  private void replace() {
    Element old = epoch.ref.getAndSet(new Element());
    if (old == null) {
      throw new IllegalStateException("the pointer is never null");
    }
    old.removed();
    pipe.add(old);
  }

  private void update(Flavour flavour) {
    switch (flavour) {
      case SYNCHRONIZE -> {
        GracePeriod _ = domain.synchronize();
        grow(pipe);
      }
      case EXPEDITED -> {
        GracePeriod _ = domain.synchronizeExpedited();
        grow(pipe);
      }
      case TIMED -> {
        while (!domain.synchronize(A_WHILE)) {
          Thread.onSpinWait();
        }
        grow(pipe);
      }
      case CALL -> call();
      case CALL_AND_BARRIER -> {
        call();
        domain.barrier();
        if (callbacksRun.get() != callbacksQueued) {
          epoch.fail("barrier returned before a callback had run");
        }
      }
      case POLL -> poll(domain.getState(), false);
      case START_POLL -> poll(domain.startPoll(), true);
    }
  }

  private void call() {
    List<Element> elements = List.copyOf(pipe);
    try {
      domain.call(() -> {
        elements.stream().filter(Element::grown).forEach(returned::add);
        long _ = callbacksRun.incrementAndGet();
      });
      callbacksQueued++;
      pipe.clear();
    } catch (RejectedExecutionException e) {
      // So many wait already; these elements take another way.
      domain.barrier();
    }
  }

  private void poll(long cookie, boolean started) {
    // Of the cookies that one thread took, all but the latest so many have ended.
    if (cookie != cookies[1]) {
      if (cookies[0] != 0 && cookie != cookies[0] && !Inside.done(domain, cookies[0])) {
        epoch.fail("three different cookies are unfinished");
      }
      cookies[0] = cookies[1];
      cookies[1] = cookie;
    }
    polled.add(new Polled(cookie, started, List.copyOf(pipe)));
    pipe.clear();
  }

  /** Takes back what callbacks and cookies have finished with. */
  private void collect() {
    for (Element element = returned.poll(); element != null; element = returned.poll()) {
      pipe.add(element);
    }
    for (Iterator<Polled> all = polled.iterator(); all.hasNext(); ) {
      Polled one = all.next();
      if (domain.poll(one.cookie)) {
        finish(one);
        all.remove();
      } else if (!one.started && ++one.polls > MOST_POLLS) {
        settle(one);
        all.remove();
      }
    }
  }

  /** The conditional form: waits for what a cookie stands for, unless it has ended. */
  private void settle(Polled one) {
    if (!domain.poll(one.cookie)) {
      GracePeriod _ = domain.synchronize();
    }
    finish(one);
  }

  private void finish(Polled one) {
    if (!domain.poll(one.cookie)) {
      epoch.fail("a cookie is unfinished after a whole grace period");
    }
    one.elements.stream().filter(Element::grown).forEach(pipe::add);
  }

  private static void grow(List<Element> elements) {
    boolean _ = elements.removeIf(element -> !element.grown());
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing waits for its effect; it mixes the threads
  private void disturb() {
    int choice = random.nextInt(8_192);
    if (choice < 16) {
      Inside.grow(domain);
    } else if (choice < 64) {
      Thread.yield();
    } else if (choice < 128) {
      // An interrupt neither ends a wait nor gets lost.
      Thread.currentThread().interrupt();
      GracePeriod _ = domain.synchronize();
      grow(pipe);
      if (!Thread.interrupted()) {
        epoch.fail("synchronize lost an interrupt");
      }
    } else if (choice == 128 && random.nextInt(16) == 0) {
      System.gc();
    }
  }
}
