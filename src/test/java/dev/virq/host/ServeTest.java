package dev.virq.host;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.VcpuCalls.Served;
import dev.virq.irqchip.HostPort;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.RunState;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.sync.Sleep;
import dev.virq.testing.NotedPlace;
import dev.virq.testing.TestHosts;
import dev.virq.trace.EndCause;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Interrupts that a vCPU takes and ends in one call. */
class ServeTest {
  private static final int SPURIOUS = 0xf0;
  private static final int IN_A_ROW = VcpuCalls.SERVED_IN_A_ROW;

  private final Host host = TestHosts.boot(1);
  private final long vm = TestHosts.vm(host).id();

  @Test
  void othersComeInAfterSomeInterrupts() {
    storm();
    NotedPlace place = new NotedPlace();

    assertThat(Sleep.inPlace(place, () -> serve(IN_A_ROW - 1)).times()).isEqualTo(IN_A_ROW - 1);
    assertThat(place.notes()).isEmpty();
    assertThat(Sleep.inPlace(place, () -> serve(10 * IN_A_ROW)).times()).isEqualTo(10 * IN_A_ROW);
    assertThat(place.notes()).hasSize(10).containsOnly("pass");
  }

  @Test
  void itEndsInTheMiddleWhenTheVmIsClosed() {
    storm();
    Between close =
        new Between(
            2,
            () -> {
              var _ = host.vms().close(vm);
            });

    assertErrno(Errno.EBADF, () -> Sleep.inPlace(close, () -> serve(VcpuCalls.MOST_SERVED)));

    assertThat(close.passes).isEqualTo(2);
  }

  @Test
  void aVcpuThatIsHaltedInTheMiddleKeepsNothingInService() {
    storm();
    Between halt = new Between(2, () -> host.vcpus().lapics(vm, port -> halted(port)));

    Served served = Sleep.inPlace(halt, () -> serve(VcpuCalls.MOST_SERVED));

    assertThat(served).isEqualTo(new Served(2 * IN_A_ROW, 0));
    assertThat(pending()).containsExactly(65);
    assertThat(inService()).isEmpty();
    assertErrno(Errno.EAGAIN, () -> serve(1));
  }

  private static boolean halted(HostPort port) {
    port.setRunState(0, RunState.HALTED);
    return true;
  }

  @Test
  void itEndsInTheMiddleWhenTheHostIsShutDown() {
    storm();
    Between end =
        new Between(
            3,
            () -> {
              var _ =
                  host.shutDown(
                      EndCause.RESET, new ErrnoException(Errno.ECANCELED, "reset"), TestHosts.LONG);
            });

    assertErrno(Errno.ECANCELED, () -> Sleep.inPlace(end, () -> serve(VcpuCalls.MOST_SERVED)));

    assertThat(end.passes).isEqualTo(3);
  }

  @Test
  void aScriptLetsOthersInAndAnswersAsBefore() {
    Script script =
        Script.parse(
            """
            vm_create v
            irqchip_create v
            vcpu_create v c 0
            lapic_enable v c
            guest_ioapic_write v c 0x30 0x8041
            irq_line v 16 1
            guest_serve v c 640
            """,
            100);
    NotedPlace place = new NotedPlace();
    List<Result> results =
        Sleep.inPlace(
            place,
            () -> {
              try (ScriptRunner runner = new ScriptRunner(host, TestHosts.LONG)) {
                return runner.run(script);
              }
            });

    assertThat(results.getLast().answer()).isEqualTo(Map.of("value", 640));
    assertThat(place.notes()).filteredOn("pass"::equals).hasSize(640 / IN_A_ROW);
  }

  @Test
  void aResampleIrqfdHearsOfTheEnd() {
    host.vcpus().create(vm, 0);
    write(SPURIOUS, 0x1ff);
    var _ = host.vcpus().guest(vm, 0, guest -> guest.ioapicWrite(0, 0x10 + 2 * 16, 0x8041));
    EventfdName trigger = TestHosts.eventfd(host);
    EventfdName resample = TestHosts.eventfd(host);
    host.irqfds().assign(vm, trigger, 16, resample);
    host.eventfds().write(trigger, 1);
    host.waits().settled(TestHosts.LONG);

    assertThat(serve(10)).isEqualTo(new Served(1, 0));

    assertThat(host.eventfds().poll(resample).in()).isTrue();
    assertThat(host.bugs()).isZero();
  }

  @Test
  void aLocalApicThatItsBaseDisablesTakesAndEndsNothing() {
    storm();
    long base = host.vcpus().apicBase(vm, 0);
    long _ = host.vcpus().setApicBase(vm, 0, base & ~ApicBase.ENABLED);

    assertThat(serve(10)).isEqualTo(new Served(0, 0));
    assertThat(pending()).containsExactly(65);
    assertThat(inService()).isEmpty();

    long _ = host.vcpus().setApicBase(vm, 0, base);
    assertThat(serve(10)).isEqualTo(new Served(10, 0));
  }

  @Test
  void oneThatIsDisabledBySoftwareServesWhatIsPending() {
    storm();
    write(SPURIOUS, 0xff);

    assertThat(serve(10)).isEqualTo(new Served(1, 0));
    assertThat(pending()).isEmpty();
    assertThat(inService()).isEmpty();
  }

  @Test
  void anEndThatEndsNothingIsTheLastAndDoesNotCount() {
    storm();
    // Past what a guest's addresses of 32 bits reach: its store ends nothing.
    long base = host.vcpus().apicBase(vm, 0);
    long _ = host.vcpus().setApicBase(vm, 0, base | 1L << 32);

    assertThat(serve(10)).isEqualTo(new Served(0, 0));
    assertThat(inService()).containsExactly(65);
  }

  /** Line 16 is high, and each end delivers it again. */
  private void storm() {
    host.vcpus().create(vm, 0);
    write(SPURIOUS, 0x1ff);
    var _ = host.vcpus().guest(vm, 0, guest -> guest.ioapicWrite(0, 0x10 + 2 * 16, 0x8041));
    var _ = host.chips().setLine(vm, 16, true);
  }

  private Served serve(int times) {
    return host.vcpus().serve(vm, 0, times);
  }

  private void write(int offset, int value) {
    var _ = host.vcpus().guest(vm, 0, guest -> guest.lapicWrite(0, offset, value));
  }

  private List<Integer> pending() {
    return host.vcpus().lapics(vm, port -> port.lapic(0)).irr();
  }

  private List<Integer> inService() {
    return host.vcpus().lapics(vm, port -> port.lapic(0)).isr();
  }

  /** Something happens when the place is passed on for the n-th time. */
  private static final class Between implements Sleep.Place {
    private final int when;
    private final Runnable what;
    int passes;

    Between(int when, Runnable what) {
      this.when = when;
      this.what = what;
    }

    @Override
    public void leave() {}

    @Override
    public void rejoin() {}

    @Override
    public void await() {}

    @Override
    public void pass() {
      if (++passes == when) {
        what.run();
      }
    }
  }
}
