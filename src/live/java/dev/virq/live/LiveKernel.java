package dev.virq.live;

import dev.virq.conformance.Recording;
import dev.virq.script.Script;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The real kernel, driven by a thread of its own that stays on one processor; the caller's threads
 * stay free.
 *
 * <p>Any thread. The thread is a daemon: a call that the kernel never ends cannot keep the JVM.
 */
final class LiveKernel implements AutoCloseable {
  /** How long one script may take; a storm alone takes half a minute of a busy machine. */
  private static final long LONG_SECONDS = 300;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("live").factory());
  private final Kvm kvm;
  private final LiveRunner runner;

  /** Opens it. */
  LiveKernel() {
    kvm = get(thread.submit(Kvm::new), "opening");
    runner = new LiveRunner(kvm);
  }

  /** Runs a script from nothing; its operations with their answers. */
  List<Recording.Step> run(Script script) {
    return get(begin(script), script.toString());
  }

  /** Begins to run a script from nothing. */
  Future<List<Recording.Step>> begin(Script script) {
    return thread.submit(() -> runner.run(script));
  }

  /** Does something else with it, in its thread. */
  <T> T call(Callable<T> what) {
    return get(thread.submit(what), what.toString());
  }

  /** The kernel itself, for its thread. */
  Kvm kvm() {
    return kvm;
  }

  /** What comes of something begun. */
  static <T> T get(Future<T> begun, String what) {
    try {
      return begun.get(LONG_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(what, e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the kernel does not come back from " + what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    get(
        thread.submit(() -> {
          kvm.close();
          return null;
        }),
        "closing");
    thread.shutdown();
  }
}
