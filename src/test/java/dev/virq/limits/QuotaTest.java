package dev.virq.limits;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.testing.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuotaTest {
  @Test
  void callPastTheLimitIsRefusedAndCountsNothing() {
    Quota quota = new Quota("VMs", 2, Errno.EMFILE, null);
    quota.acquire();
    quota.acquire();

    assertThatThrownBy(quota::acquire)
        .hasMessageContaining("limit of 2 VMs reached")
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EMFILE);
              assertThat(e.facts()).isEqualTo(Map.of("limit", 2L));
            });

    assertThat(quota.used()).isEqualTo(2);
    quota.release();
    quota.acquire();
    assertThat(quota.used()).isEqualTo(2);
  }

  @Test
  void objectCountsInTheWiderBoundToo() {
    Quota wide = new Quota("objects", 3, Errno.ENFILE, null);
    Quota vms = new Quota("VMs", 2, Errno.EMFILE, wide);
    Quota eventfds = new Quota("eventfds", 2, Errno.EMFILE, wide);
    vms.acquire();
    eventfds.acquire();
    assertThat(wide.used()).isEqualTo(2);

    eventfds.release();

    assertThat(wide.used()).isEqualTo(1);
  }

  @Test
  void refusalOfTheWiderBoundIsItsOwnAndCountsNothing() {
    Quota wide = new Quota("objects", 1, Errno.ENFILE, null);
    Quota vms = new Quota("VMs", 2, Errno.EMFILE, wide);
    vms.acquire();

    assertErrno(Errno.ENFILE, vms::acquire);

    assertThat(vms.used()).isEqualTo(1);
    assertThat(wide.used()).isEqualTo(1);
  }

  @Test
  void refusalOfTheNarrowBoundLeavesTheWiderAlone() {
    Quota wide = new Quota("objects", 9, Errno.ENFILE, null);
    Quota vms = new Quota("VMs", 0, Errno.EMFILE, wide);

    assertErrno(Errno.EMFILE, vms::acquire);

    assertThat(wide.used()).isZero();
  }

  @Test
  void anAmountIsCountedAsAWholeOrNotAtAll() {
    Quota wide = new Quota("bytes of all sandboxes", 100, Errno.ENFILE, null);
    Quota narrow = new Quota("bytes of a sandbox", 80, Errno.EMFILE, wide);

    narrow.acquire(60);

    assertErrno(Errno.EMFILE, () -> narrow.acquire(21));
    assertThat(narrow.tryAcquire(20)).isTrue();
    wide.acquire(20);
    narrow.release(80);
    wide.acquire(80);
    assertErrno(Errno.ENFILE, () -> narrow.acquire(1));
    assertThat(narrow.tryAcquire(1)).isFalse();
    assertThat(narrow.used()).isZero();
    assertThat(wide.used()).isEqualTo(100);
  }

  @Test
  void anAmountThatOverflowsIsRefused() {
    Quota quota = new Quota("bytes", 80, Errno.EMFILE, null);
    quota.acquire(1);

    assertErrno(Errno.EMFILE, () -> quota.acquire(Long.MAX_VALUE));
    assertThatThrownBy(() -> quota.acquire(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(quota.used()).isEqualTo(1);
  }

  @Test
  void releaseTooMuchIsABug() {
    Quota quota = new Quota("VMs", 2, Errno.EMFILE, null);

    assertThatThrownBy(quota::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void racingCallsGetExactlyAsManyAsThereAre() {
    Quota quota = new Quota("VMs", 1_000, Errno.EMFILE, null);
    List<Call<Integer>> racers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      racers.add(
          Call.start(() -> {
            int got = 0;
            try {
              while (true) {
                quota.acquire();
                got++;
              }
            } catch (ErrnoException e) {
              return got;
            }
          }));
    }

    assertThat(racers.stream().mapToInt(Call::get).sum()).isEqualTo(1_000);
    assertThat(quota.used()).isEqualTo(1_000);
  }
}
