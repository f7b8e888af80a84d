import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSandbox } from 'virq';

test(
  'level-triggered round',
  withSandbox(async (sandbox) => {
    // The guest: a vCPU, its local APIC enabled, and a level entry with vector 65.
    const vm = await sandbox.createVm();
    const vcpu = await vm.createVcpu(0);
    await vcpu.setLapic({ svr: 0x1ff });
    await vm.setPin(16, { vector: 65, triggerMode: 'LEVEL', mask: false });

    // The device: one eventfd asserts, the other is signalled when the guest is done.
    const device = await sandbox.createEventfd();
    const done = await sandbox.createEventfd();
    const irqfd = await vm.assign(device, 16, { resample: done });

    // Assert: the line goes up and stays up, the vector waits in the local APIC.
    const { outcome, lineStatus } = await device.signal({ wait: true });
    assert.deepEqual([outcome, lineStatus], ['INJECTED', 'DELIVERED']);
    assert.equal((await vm.gsi(16)).level, 1);
    assert.deepEqual((await vcpu.lapic()).irr, [65]);

    // Acknowledge, serve the device, end the interrupt.
    assert.equal(await vcpu.ack(), 65);
    assert.deepEqual((await vcpu.eoi()).resampled, [irqfd.id]);

    // The line is low again, and the device has its event.
    assert.equal(await done.read({ timeout: 5000 }), 1n);
    assert.equal((await vm.gsi(16)).level, 0);

    // What a test leaves open fails it.
    for (const one of [device, done, vm]) {
      await one.close();
    }
  }),
);
