package dev.virq.planted.unbounded;

import java.util.List;
import java.util.Queue;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Each method is one way to hold more than anybody asked for. */
@SuppressWarnings("unused") // only its byte code is looked at
final class Unbounded {
  private Unbounded() {}

  static ExecutorService cachedPool() {
    return Executors.newCachedThreadPool();
  }

  static ExecutorService threadPerTask() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }

  static ExecutorService scheduledPool() {
    return new ScheduledThreadPoolExecutor(1);
  }

  static ExecutorService forkJoinPool() {
    return new ForkJoinPool();
  }

  static ExecutorService commonPool() {
    return ForkJoinPool.commonPool();
  }

  static Timer timer() {
    return new Timer();
  }

  static Queue<String> blockingQueue() {
    return new LinkedBlockingQueue<>();
  }

  static Supplier<Queue<String>> queueByReference() {
    return LinkedBlockingQueue::new;
  }

  static Queue<String> blockingDeque() {
    return new LinkedBlockingDeque<>();
  }

  static Queue<String> linkedQueue() {
    return new ConcurrentLinkedQueue<>();
  }

  static Queue<String> linkedDeque() {
    return new ConcurrentLinkedDeque<>();
  }

  static Queue<String> transferQueue() {
    return new LinkedTransferQueue<>();
  }

  static Queue<String> priorityQueue() {
    return new PriorityBlockingQueue<>();
  }

  static Queue<Delayed> delayQueue() {
    return new DelayQueue<>();
  }

  static CompletableFuture<Void> asyncWithoutExecutor() {
    return CompletableFuture.runAsync(() -> {});
  }

  static CompletableFuture<Void> thenAsyncWithoutExecutor(CompletableFuture<Void> before) {
    return before.thenRunAsync(() -> {});
  }

  static int parallelStream() {
    return List.of(1).parallelStream().mapToInt(i -> i).sum();
  }

  static int parallel() {
    return IntStream.of(1).parallel().sum();
  }

  static Thread platformThread() {
    Thread thread = new Thread(() -> {});
    thread.start();
    return thread;
  }

  static Thread virtualThread() {
    return Thread.startVirtualThread(() -> {});
  }

  static Thread builtThread() {
    return Thread.ofVirtual().start(() -> {});
  }
}
