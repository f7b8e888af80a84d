package dev.virq.client.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.virq.client.*;
import dev.virq.client.junit.VirqExtension;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VirqExtension.class)
class LevelRoundTest {
  @Test
  void levelTriggeredRound(Sandbox sandbox) {
    // The guest: a vCPU, its local APIC enabled, and a level entry with vector 65.
    Vm vm = sandbox.createVm();
    Vcpu vcpu = vm.createVcpu(0);
    vcpu.setLapic(Map.of("svr", 0x1FF));
    vm.setPin(16, Map.of("vector", 65, "triggerMode", "LEVEL", "mask", false));

    // The device: one eventfd asserts, the other is signalled when the guest is done.
    Eventfd device = sandbox.createEventfd();
    Eventfd done = sandbox.createEventfd();
    Irqfd irqfd = vm.assign(device, 16, done);

    // Assert: the line goes up and stays up, the vector waits in the local APIC.
    Signal signal = device.signal(Wait.SETTLED);
    assertEquals("INJECTED", signal.outcome());
    assertEquals("DELIVERED", signal.lineStatus());
    assertEquals(1, vm.gsi(16).level());
    assertEquals(List.of(65), vcpu.lapic().irr());

    // Acknowledge, serve the device, end the interrupt.
    assertEquals(OptionalInt.of(65), vcpu.ack());
    assertEquals(List.of(irqfd.id()), vcpu.eoi().resampled());

    // The line is low again, and the device has its event.
    assertEquals(BigInteger.ONE, done.read(Duration.ofSeconds(5)));
    assertEquals(0, vm.gsi(16).level());

    // What a test leaves open fails it.
    device.close();
    done.close();
    vm.close();
  }
}
