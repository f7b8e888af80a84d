package dev.virq.host;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.eventfd.EventFd;
import dev.virq.inflight.PendingClose;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.trace.EndCause;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** close(2) does not wait for a read that sleeps on the same file. */
class BlockedReadTest {
  private final Host host = TestHosts.boot(1);
  private final EventfdName eventfd = TestHosts.eventfd(host);
  private final EventFd inside =
      EventfdCalls.requireEventfd(eventfd, host.eventfds().find(eventfd));

  private Call<Long> blockedRead() {
    return Call.asleep(() -> host.eventfds().read(eventfd, LONG));
  }

  @Test
  void closeUnderABlockedReadIsOverAtOnceAndTheReaderGoesOn() {
    Call<Long> reader = blockedRead();

    PendingClose close = host.eventfds().close(eventfd);

    assertThat(close.report().settled()).isTrue();
    assertThat(close.report().lastReference()).isTrue();
    host.waits().settled(LONG);
    assertThat(reader.isDone()).isFalse();
    // The file still counts, as it does in Linux.
    assertThat(host.counts().eventfds()).isEqualTo(1);

    inside.cancel();
    Assertions.assertThatThrownBy(reader::get)
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECANCELED));
    assertThat(host.counts().eventfds()).isZero();
  }

  @Test
  void theHangUpComesWithTheEndOfTheRead() {
    var vm = TestHosts.vm(host);
    var _ = host.irqfds().assign(vm.id(), eventfd, 5, null);
    Call<Long> reader = blockedRead();

    PendingClose close = host.eventfds().close(eventfd);

    assertThat(close.report().settled()).isTrue();
    assertThat(close.report().released()).isEmpty();
    assertThat(host.counts().irqfds()).isEqualTo(1);

    inside.cancel();
    Assertions.assertThatThrownBy(reader::get).isInstanceOf(ErrnoException.class);
    host.waits().settled(LONG);
    assertThat(host.counts().irqfds()).isZero();
    assertThat(host.counts().eventfds()).isZero();
  }

  @Test
  void aShutdownEndsAReaderWhoseFileWasClosed() {
    Call<Long> reader = blockedRead();
    var _ = host.eventfds().close(eventfd);

    ErrnoException refusal = new ErrnoException(Errno.ECANCELED, "the sandbox was reset");
    assertThat(host.shutDown(EndCause.RESET, refusal, LONG).complete()).isTrue();

    Assertions.assertThatThrownBy(reader::get).isInstanceOf(ErrnoException.class);
  }
}
