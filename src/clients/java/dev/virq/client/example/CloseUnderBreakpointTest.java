package dev.virq.client.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.virq.client.*;
import dev.virq.client.junit.VirqExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VirqExtension.class)
class CloseUnderBreakpointTest {
  @Test
  void vmClosedWhileAReaderIsHeld(Sandbox sandbox) {
    Vm vm = sandbox.createVm();
    Eventfd eventfd = sandbox.createEventfd();
    Irqfd irqfd = vm.assign(eventfd, 5);

    // An injection has picked up the VM, and is held there.
    Breakpoint held = sandbox.setBreakpoint("inject.dereferenced", irqfd);
    Signal sent = eventfd.signal();
    held.waitParked();

    // The close takes the irqfd off its list, and cannot free the VM.
    assertFalse(vm.close(Wait.NONE).settled());
    VirqException refused = assertThrows(VirqException.class, sandbox::waitSettled);
    assertEquals("EDEADLK", refused.errno());
    assertEquals("CLOSING", vm.get().state());

    // Released, the reader injects; only then is the VM freed.
    held.release();
    sandbox.waitSettled();
    Signal signal = sandbox.signal(sent.id());
    assertEquals("INJECTED", signal.outcome());
    assertEquals("RELEASED", vm.get().state());
    assertTrue(vm.get().releasedSeq() > signal.finalSeq());

    // What a test leaves open fails it.
    eventfd.close();
  }
}
