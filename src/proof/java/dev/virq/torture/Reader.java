package dev.virq.torture;

import dev.virq.srcu.Inside;
import dev.virq.srcu.ReadSection;
import dev.virq.srcu.SrcuDomain;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/** Reads as fast as it can, in sections of every kind; now and then it stays in one for longer. */
final class Reader implements Runnable {
  private static final int DEEPEST = 4;

  /** What a reader does all the time. */
  enum Kind {
    /** A bit of everything. */
    MIXED,
    /** Sections as short as can be, one after the other: passes between the sums of a scan. */
    SPRINTER,
    /** Sleeps in every section: is there to be overlooked. */
    SLEEPER,
    /** Stalls before it counts each section, and sleeps in it: comes with a rank long left. */
    STRAGGLER
  }

  final Tally tally = new Tally();

  private final Kind kind;
  private final Epoch epoch;
  private final SrcuDomain domain;
  private final SplittableRandom random;

  /** How often it rests between two sections, of 4,096 times; different in every epoch. */
  private final int rests;

  Reader(Kind kind, Epoch epoch, int rests, SplittableRandom random) {
    this.kind = kind;
    this.epoch = epoch;
    this.domain = epoch.domain;
    this.rests = rests;
    this.random = random;
  }

  @Override
  public void run() {
    switch (kind) {
      case MIXED -> mix();
      case SPRINTER -> sprint();
      case SLEEPER -> sleep(domain::readLock);
      case STRAGGLER -> sleep(() -> Inside.readLock(domain, this::rest));
    }
  }

  private void sprint() {
    while (!epoch.over()) {
      for (int i = 0; i < 1_000; i++) {
        int index = domain.readLock();
        over(dereference());
        domain.readUnlock(index);
      }
    }
  }

  private void sleep(IntSupplier readLock) {
    while (!epoch.over()) {
      int index = readLock.getAsInt();
      Element element = dereference();
      rest();
      over(element);
      domain.readUnlock(index);
    }
  }

  private void rest() {
    LockSupport.parkNanos(1_000 + random.nextInt(50_000));
    tally.parked++;
  }

  private void mix() {
    while (!epoch.over()) {
      int choice = random.nextInt(64);
      switch (choice) {
        case 0, 1 -> nested(1 + random.nextInt(DEEPEST));
        case 2, 3 -> overlapping();
        case 4 -> handOff();
        case 5, 6 -> takeOver();
        case 7 -> object();
        default -> plain();
      }
      if (random.nextInt(4_096) < rests) {
        LockSupport.parkNanos(20_000);
      }
    }
    takeOver();
  }

  private void plain() {
    int index = domain.readLock();
    Element element = use();
    over(element);
    domain.readUnlock(index);
  }

  private void object() {
    try (ReadSection _ = domain.read()) {
      over(use());
    }
  }

  private void nested(int depth) {
    int index = domain.readLock();
    Element element = use();
    if (depth > 1) {
      nested(depth - 1);
    } else {
      tally.nested++;
    }
    over(element);
    domain.readUnlock(index);
  }

  /** The second section begins in the first and outlives it. */
  private void overlapping() {
    int first = domain.readLock();
    Element one = use();
    int second = domain.readLock();
    Element other = use();
    over(one);
    domain.readUnlock(first);
    linger();
    over(other);
    domain.readUnlock(second);
    tally.overlapping++;
  }

  /** Begins a section that another reader ends. */
  private void handOff() {
    if (epoch.handOff.size() >= Epoch.MOST_HANDED_OFF) {
      takeOver();
      return;
    }
    int index = domain.downRead();
    boolean _ = epoch.handOff.add(new Epoch.Held(index, use()));
  }

  private void takeOver() {
    Epoch.Held held = epoch.handOff.poll();
    if (held != null) {
      linger();
      over(held.element());
      domain.upRead(held.index());
      tally.handedOff++;
    }
  }

  private Element use() {
    Element element = dereference();
    epoch.check(element);
    linger();
    return element;
  }

  private Element dereference() {
    Element element = epoch.ref.dereference();
    if (element == null) {
      throw new IllegalStateException("the pointer is never null");
    }
    return element;
  }

  /** The last look at an element, just before its section ends. */
  private void over(Element element) {
    epoch.check(element);
    tally.ages[Math.min(element.age(), Element.PIPE)]++;
    tally.reads++;
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing waits for its effect; it mixes the threads
  private void linger() {
    int choice = random.nextInt(4_096);
    if (choice < 8) {
      Thread.yield();
    } else if (choice == 8) {
      LockSupport.parkNanos(1_000);
      tally.parked++;
    } else if (choice < 64) {
      for (int i = random.nextInt(100); i > 0; i--) {
        Thread.onSpinWait();
      }
    }
  }
}
