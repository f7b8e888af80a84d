"""Not run: what a check of the types has to tell. An "ignore" that ignores nothing fails the check, as any other error does."""

import virq


def right(sandbox: virq.Sandbox) -> None:
    vm = sandbox.create_vm(irqchip="SPLIT", reserved_pins=24)
    eventfd = sandbox.create_eventfd(5, flags=["SEMAPHORE"])
    irqfd = vm.assign(eventfd, gsi=5, resample=4)
    held = sandbox.set_breakpoint("inject.dereferenced", irqfd=irqfd, vm="vm-1", max_hold=5)
    held.release(threads="ALL")
    signal = sandbox.get_signal("sig-1")
    if signal.held_by and signal.outcome is None:
        print(signal.held_by[0]["breakpoint"].upper())
    print(vm.create_vcpu().set_lapic(svr=0x1FF).irr[0] == 65, irqfd.get().state == "FREED")
    server: virq.Virq = virq.connect()
    print(server.url)


def wrong(sandbox: virq.Sandbox) -> None:
    vm = sandbox.create_vm()
    eventfd = sandbox.create_eventfd()
    irqfd = vm.assign(eventfd, 5)
    sandbox.set_breakpoint("inject.derefrenced")  # type: ignore[arg-type]
    sandbox.set_breakpoint("inject.enter", irqdf=irqfd)  # type: ignore[call-arg]
    sandbox.set_breakpoint("inject.enter", irqfd=eventfd)  # type: ignore[arg-type]
    sandbox.set_breakpoint("inject.enter", max_hold="PT5S")  # type: ignore[arg-type]
    vm.close(wait="none")  # type: ignore[arg-type]
    vm.assign(eventfd, "5")  # type: ignore[arg-type]
    vm.assign(eventfd, 5, resample=vm)  # type: ignore[arg-type]
    vm.set_pin(16, trigger_mode="HIGH")  # type: ignore[arg-type]
    print(irqfd.get().state == "RELEASED")  # type: ignore[comparison-overlap]
    print(eventfd.get().state == "CLOSED")  # type: ignore[comparison-overlap]
    print(sandbox.get_signal("sig-1").outcome == "DELIVERED")  # type: ignore[comparison-overlap]
    print(vm.close().waited_for_readers + 1)  # type: ignore[operator]
    print(sandbox.get_signal("sig-1").held_by[0]["point"])  # type: ignore[index]
    virq.connect().nowhere()  # type: ignore[attr-defined]
