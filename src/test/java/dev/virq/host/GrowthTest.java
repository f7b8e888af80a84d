package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.virq.errno.EventfdName;
import dev.virq.irqfd.Irqfd;
import dev.virq.testing.TestHosts;
import dev.virq.trace.Detail;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What a call costs does not grow with what it is not about. Bytes that the calling thread
 * allocates and items in a queue are counted, not time: noise moves neither.
 */
class GrowthTest {
  private static final int FEW = 100;
  private static final int MANY = 5_000;
  private static final int PAGE = 10;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void pageOfAVmsIrqfdsCostsTheSameBesideManyOfAnotherVm() {
    assertThat(bytes(MANY, GrowthTest::irqfds)).isLessThan(2 * bytes(FEW, GrowthTest::irqfds));
  }

  @Test
  void pageOfLinesCostsTheSameAmongMany() {
    assertThat(bytes(MANY, GrowthTest::lines)).isLessThan(2 * bytes(FEW, GrowthTest::lines));
  }

  @Test
  void pageOfEventfdsCostsTheSameAmongMany() {
    assertThat(bytes(MANY, GrowthTest::eventfds)).isLessThan(2 * bytes(FEW, GrowthTest::eventfds));
  }

  @Test
  void callThatWalksAllIsNoticed() {
    Consumer<Host> walk = host -> assertThat(host.irqfds().list(0, MANY)).isNotEmpty();

    assertThat(bytes(MANY, walk)).isGreaterThan(10 * bytes(FEW, walk));
  }

  @Test
  void closeOfAVmPutsOneEndInTheQueueAtATime() {
    AtomicReference<@Nullable Host> closing = new AtomicReference<>();
    Queue<Integer> depths = new ConcurrentLinkedQueue<>();
    Probe probe =
        new Probe() {
          @Override
          public boolean observes(Tracepoint point) {
            return point == Tracepoint.FREE_IRQFD;
          }

          @Override
          public void hit(Tracepoint point, Subject subject, long value, EndCause cause) {
            Host host = closing.get();
            if (host != null) {
              depths.add(host.stats().cleanupDepth());
            }
          }

          @Override
          public void hit(Tracepoint point, Subject subject, long value, Detail detail) {}
        };
    Host host = TestHosts.boot(1, probe);
    fill(host, FEW);
    closing.set(host);

    host.vms().close(2);
    host.waits().settled(LONG);

    assertThat(depths).hasSize(FEW).allMatch(depth -> depth <= 1);
  }

  private static void irqfds(Host host) {
    List<Irqfd> page = host.irqfds().list(1, 0, PAGE);
    assertThat(page).hasSize(1);
  }

  private static void lines(Host host) {
    assertThat(host.chips().lines(2, 50, PAGE)).hasSize(PAGE);
  }

  private static void eventfds(Host host) {
    assertThat(host.eventfds().list(50, PAGE)).hasSize(PAGE);
  }

  /** What a call allocates in a host whose second VM has so many irqfds; its first VM has one. */
  private static long bytes(int irqfds, Consumer<Host> call) {
    Host host = TestHosts.boot(1);
    fill(host, irqfds);
    long least = Long.MAX_VALUE;
    // The virtual machine allocates a little on this thread, once, while it links and compiles.
    for (int round = 0; round < 20; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      call.accept(host);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  private static void fill(Host host, int irqfds) {
    long first = TestHosts.vm(host).id();
    long second = TestHosts.vm(host).id();
    for (int i = 0; i < irqfds; i++) {
      host.irqfds().assign(second, TestHosts.eventfd(host), i, null);
    }
    EventfdName one = TestHosts.eventfd(host);
    host.irqfds().assign(first, one, 5, null);
  }
}
