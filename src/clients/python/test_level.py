def test_level_triggered_round(sandbox):
    # The guest: a vCPU, its local APIC enabled, and a level entry with vector 65.
    vm = sandbox.create_vm()
    vcpu = vm.create_vcpu(0)
    vcpu.set_lapic(svr=0x1FF)
    vm.set_pin(16, vector=65, trigger_mode="LEVEL", mask=False)

    # The device: one eventfd asserts, the other is signalled when the guest is done.
    device = sandbox.create_eventfd()
    done = sandbox.create_eventfd()
    irqfd = vm.assign(device, gsi=16, resample=done)

    # Assert: the line goes up and stays up, the vector waits in the local APIC.
    signal = device.signal(wait=True)
    assert (signal.outcome, signal.line_status) == ("INJECTED", "DELIVERED")
    assert vm.gsi(16).level == 1
    assert vcpu.lapic().irr == [65]

    # Acknowledge, serve the device, end the interrupt.
    assert vcpu.ack() == 65
    assert vcpu.eoi().resampled == [irqfd.id]

    # The line is low again, and the device has its event.
    assert done.read(timeout=5) == 1
    assert vm.gsi(16).level == 0

    # What a test leaves open fails it.
    for one in (device, done, vm):
        one.close()
