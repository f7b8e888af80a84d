package dev.virq.lockorder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.planted.lockorder.WrongOrders;
import dev.virq.sync.Uninterruptibly;
import dev.virq.testing.TestHosts;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recorder is on, and it finds what it is for. */
class LockOrderTest {
  private final WrongOrders orders = new WrongOrders();

  @Test
  void productIsRecorded() {
    Host host = TestHosts.boot(1);
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    host.eventfds().write(eventfd, 1);
    host.waits().settled(TestHosts.LONG);
    host.vms().close(vm.id());
    host.waits().settled(TestHosts.LONG);

    assertThat(LockOrder.edges())
        .hasEntrySatisfying(
            "Irqfd.SrcuDomain", inside -> assertThat(inside).contains("VmLock.ReentrantLock"))
        .hasEntrySatisfying(
            "VmCalls.Work",
            inside -> assertThat(inside).contains("Irqfd.SrcuDomain", "Injection.Work"));
  }

  @Test
  void ordersThatOnlyLookWrongPass() {
    orders.right();

    assertThat(LockOrder.violations()).isEmpty();
  }

  @Test
  void waitByMethodReferenceIsRefused() throws IOException {
    byte[] bytes;
    try (InputStream in = getClass().getResourceAsStream("LockOrderTest$Unseen.class")) {
      bytes = requireNonNull(in).readAllBytes();
    }

    assertThatThrownBy(() -> Recording.of(bytes))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("refers to await by a method reference");
  }

  record Unseen(CountDownLatch latch) {
    void sleeps() {
      Uninterruptibly.await(latch::await);
    }
  }

  @Test
  void twoLocksTakenInBothOrders() {
    finds(orders::lockAndMonitor, "the other way round");
  }

  @Test
  void lockThatIsTriedIsALock() {
    finds(orders::triedLockAndMonitor, "the other way round");
  }

  @Test
  void monitorOfAMethodIsALock() {
    finds(orders::lockAndMethod, "the other way round");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void gracePeriodUnderALock(int way) {
    finds(() -> orders.gracePeriodUnderLock(way), "a grace period of WrongOrders.SrcuDomain");
  }

  @Test
  void gracePeriodThatAReaderWaitsFor() {
    finds(orders::gracePeriodInWorkThatAReaderFlushes, "the other way round");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void flushUnderALock(int way) {
    finds(() -> orders.flushUnderLock(way), "the runs of WrongOrders.Work");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void sleepUnderALock(int way) {
    finds(() -> orders.sleepUnderLock(way), "and holds [");
  }

  @Test
  void whatIsOverlookedIsFoundAgainAfterwards() throws Throwable {
    LockOrder.overlook(() -> orders.gracePeriodUnderLock(0));

    assertThat(LockOrder.violations()).isEmpty();
    finds(() -> orders.gracePeriodUnderLock(0), "a grace period of WrongOrders.SrcuDomain");
  }

  /** Both thrown and remembered: a worker may swallow what is thrown. */
  private static void finds(ThrowingCallable wrong, String how) {
    assertThatThrownBy(wrong).isInstanceOf(AssertionError.class).hasMessageContaining(how);
    assertThat(LockOrder.violations())
        .singleElement()
        .asString()
        .contains(how, "dev.virq.planted.lockorder.WrongOrders");
  }
}
