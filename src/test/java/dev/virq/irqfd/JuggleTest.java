package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.RaceRig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writers against closers of both sides, at random: whatever happens, the books are right at the
 * end. The seed fixes what each thread does, not how the threads meet.
 */
@Tag("stress")
class JuggleTest {
  private static final long SEED = 20090602;
  private static final int WRITERS = 4;
  private static final int CLOSERS = 3;
  private static final int SLOTS = 8;
  private static final long BUDGET_NANOS = Duration.ofMillis(2500).toNanos();

  /** What a call may answer when somebody else was first. */
  private static final Set<Errno> LOST_RACE = EnumSet.of(Errno.EBADF, Errno.EBUSY, Errno.ENOENT);

  private final AtomicReferenceArray<VmFile> vms = new AtomicReferenceArray<>(SLOTS);
  private final AtomicReferenceArray<EventfdName> eventfds = new AtomicReferenceArray<>(SLOTS);

  @ParameterizedTest(name = "{0} worker(s)")
  @ValueSource(ints = {1, 4})
  void booksAreRightAfterWritersAndClosersOfBothSidesMet(int workers)
      throws InterruptedException, ExecutionException {
    try (RaceRig rig = RaceRig.unrecorded(workers);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int slot = 0; slot < SLOTS; slot++) {
        vms.set(slot, rig.vm());
        eventfds.set(slot, rig.eventfd());
      }
      long end = System.nanoTime() + BUDGET_NANOS;
      List<Future<Long>> running = new ArrayList<>();
      for (int i = 0; i < WRITERS + CLOSERS; i++) {
        boolean writes = i < WRITERS;
        Random random = new Random(SEED + i);
        Callable<Long> juggler =
            () -> {
              long done = 0;
              while (System.nanoTime() - end < 0) {
                done += tolerate(() -> step(rig, random, writes));
              }
              return done;
            };
        running.add(threads.submit(juggler));
      }
      long done = 0;
      for (Future<Long> one : running) {
        done += one.get();
      }

      assertThat(done).isPositive();
      rig.settle();
      assertThat(rig.host().stats().signals()).isPositive();
    }
  }

  private void step(RaceRig rig, Random random, boolean writes) {
    Host host = rig.host();
    int slot = random.nextInt(SLOTS);
    EventfdName eventfd = eventfds.get(slot);
    VmFile vm = vms.get(random.nextInt(SLOTS));
    if (writes) {
      PendingSignal _ = host.eventfds().write(eventfd, 1 + random.nextInt(3));
      return;
    }
    switch (random.nextInt(8)) {
      case 0 -> {
        int which = random.nextInt(SLOTS);
        VmFile old = vms.get(which);
        PendingClose close = host.vms().close(old.id());
        vms.set(which, rig.vm());
        // Closing is quicker than what it ends: without waiting now and then it would pile up.
        rig.over(close);
      }
      case 1 -> {
        PendingClose close = host.eventfds().close(eventfd);
        eventfds.set(slot, rig.eventfd());
        if (random.nextBoolean()) {
          rig.over(close);
        }
      }
      case 2 -> {
        var _ = host.irqfds().deassign(vm.id(), eventfd, random.nextInt(4));
      }
      case 3 -> {
        List<Irqfd> some = host.irqfds().list(0, SLOTS);
        if (!some.isEmpty()) {
          Irqfd irqfd = some.get(random.nextInt(some.size()));
          var _ = host.irqfds().deassign(irqfd.vmId(), irqfd.irqfdId());
        }
      }
      default -> {
        EventfdName resample = random.nextInt(8) == 0 ? eventfds.get(random.nextInt(SLOTS)) : null;
        Irqfd _ = host.irqfds().assign(vm.id(), eventfd, random.nextInt(4), resample);
      }
    }
  }

  /** 1 when the call did something, 0 when somebody else was first. */
  private static int tolerate(Runnable call) {
    try {
      call.run();
      return 1;
    } catch (ErrnoException e) {
      if (!LOST_RACE.contains(e.errno())) {
        throw e;
      }
      return 0;
    }
  }
}
