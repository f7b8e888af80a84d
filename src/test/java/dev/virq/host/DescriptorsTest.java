package dev.virq.host;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.testing.TestHosts;
import org.junit.jupiter.api.Test;

/** An eventfd lives as long as one of its descriptors, whichever that is. */
class DescriptorsTest {
  private final Host host = TestHosts.boot(1);
  private final EventfdFile file = host.eventfds().create(0, false, false, null);
  private final EventfdName id = EventfdName.id(file.id());

  @Test
  void closeOfOneLeavesTheOthersAndThatOfTheLastIsTheLast() {
    assertThat(host.eventfds().dup(id)).isEqualTo(4);
    assertThat(host.eventfds().dup(id)).isEqualTo(5);

    host.eventfds().close(EventfdName.fd(3));
    assertThat(host.eventfds().descriptors(file)).containsExactly(4, 5);
    host.eventfds().close(EventfdName.fd(5));
    assertThat(host.eventfds().descriptors(file)).containsExactly(4);
    assertThat(host.counts().eventfds()).isEqualTo(1);
    host.eventfds().close(EventfdName.fd(4));

    assertThat(host.eventfds().descriptors(file)).isEmpty();
    assertThat(host.counts().eventfds()).isZero();
    assertErrno(Errno.EBADF, () -> host.eventfds().dup(id));
  }

  @Test
  void oneThatWasAloneAgainCanBeDuplicatedAgain() {
    assertThat(host.eventfds().dup(id)).isEqualTo(4);
    host.eventfds().close(EventfdName.fd(3));

    assertThat(host.eventfds().dup(id)).isEqualTo(3);

    assertThat(host.eventfds().descriptors(file)).containsExactly(3, 4);
  }

  @Test
  void closeByTheIdClosesAll() {
    assertThat(host.eventfds().dup(id)).isEqualTo(4);

    host.eventfds().close(id);

    assertThat(host.eventfds().descriptors(file)).isEmpty();
    assertThat(host.counts().eventfds()).isZero();
    assertErrno(Errno.EBADF, () -> host.eventfds().dup(EventfdName.fd(4)));
  }
}
