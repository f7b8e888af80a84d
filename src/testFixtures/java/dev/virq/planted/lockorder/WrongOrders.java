package dev.virq.planted.lockorder;

import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.SrcuDomain;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Each method takes locks in a wrong order, on one thread, so that nothing really blocks; and some
 * in an order that only looks wrong.
 */
@SuppressWarnings({"WaitNotInLoop", "LockNotBeforeTry"}) // nothing is waited for here
public final class WrongOrders {
  private final ReentrantLock lock = new ReentrantLock();
  private final Object monitor = new Object();
  private final SrcuDomain srcu = new SrcuDomain();
  private final Work work =
      new Work(new WorkQueue("planted", 1, Runnable::run, thrown -> {}), this::takeLock);

  /** A lock, then a monitor; then the other way round. */
  public void lockAndMonitor() {
    lock.lock();
    try {
      synchronized (monitor) {
        LockSupport.unpark(Thread.currentThread());
      }
    } finally {
      lock.unlock();
    }
    synchronized (monitor) {
      takeLock();
    }
  }

  /** The same with a lock that is tried. */
  public void triedLockAndMonitor() {
    new Door().open();
  }

  private static final class Door {
    private final ReentrantLock key = new ReentrantLock();

    void open() {
      if (key.tryLock()) {
        try {
          turn(false);
        } finally {
          key.unlock();
        }
      }
      turn(true);
    }

    private synchronized void turn(boolean takesTheKey) {
      if (takesTheKey && key.tryLock()) {
        key.unlock();
      }
    }
  }

  /** The same with a method's monitor. */
  public void lockAndMethod() {
    new Inner().holdsItself(this);
    lock.lock();
    try {
      new Inner().holdsItself(null);
    } finally {
      lock.unlock();
    }
  }

  private static final class Inner {
    synchronized void holdsItself(WrongOrders orders) {
      if (orders != null) {
        orders.takeLock();
      }
    }
  }

  private static final class Bell {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();

    void waitForIt() throws InterruptedException {
      lock.lock();
      try {
        long _ = rung.awaitNanos(1);
      } finally {
        lock.unlock();
      }
    }
  }

  /** A grace period under a lock, in every way. */
  public void gracePeriodUnderLock(int way) {
    lock.lock();
    try {
      GracePeriod _ =
          switch (way) {
            case 0 -> srcu.synchronize();
            case 1 -> srcu.synchronize(() -> {});
            case 2 -> srcu.synchronize(() -> {}, Runnable::run);
            default -> srcu.synchronizeExpedited();
          };
    } finally {
      lock.unlock();
    }
  }

  /** A grace period by work that a reader waits for. */
  public void gracePeriodInWorkThatAReaderFlushes() {
    Work waits =
        new Work(
            new WorkQueue("waits", 1, Runnable::run, WrongOrders::rethrown),
            () -> {
              GracePeriod _ = srcu.synchronize();
            });
    waits.schedule();
    int index = srcu.readLock();
    try {
      waits.flush();
    } finally {
      srcu.readUnlock(index);
    }
  }

  /** Work is flushed under a lock, in both ways. */
  public void flushUnderLock(int way) {
    lock.lock();
    try {
      if (way == 0) {
        work.flush();
      } else {
        work.flush(Runnable::run);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sleeps, in every way, with a lock held. */
  public void sleepUnderLock(int way) throws InterruptedException {
    lock.lock();
    try {
      switch (way) {
        case 0 -> LockSupport.parkNanos(1);
        case 1 -> new CountDownLatch(0).await();
        case 2 -> {
          synchronized (monitor) {
            monitor.wait(1);
          }
        }
        case 3 -> {
          Bell bell = new Bell();
          bell.waitForIt();
        }
        default -> throw new IllegalArgumentException("way " + way);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A lock inside a section, the same lock twice, a section inside a lock: none is wrong. */
  public void right() {
    int index = srcu.readLock();
    takeLock();
    srcu.readUnlock(index);
    lock.lock();
    takeLock();
    index = srcu.readLock();
    srcu.readUnlock(index);
    lock.unlock();
    GracePeriod _ = srcu.synchronize();
    work.schedule();
    work.flush();
  }

  private void takeLock() {
    lock.lock();
    lock.unlock();
  }

  private static void rethrown(Throwable thrown) {
    throw new IllegalStateException(thrown);
  }
}
