import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSandbox } from 'virq';

test(
  'VM closed while a reader is held',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const eventfd = await sandbox.createEventfd();
    const irqfd = await vm.assign(eventfd, 5);

    // An injection has picked up the VM, and is held there.
    const held = await sandbox.setBreakpoint('inject.dereferenced', { irqfd });
    const { id } = await eventfd.signal();
    await held.waitParked();

    // The close takes the irqfd off its list, and cannot free the VM.
    assert.equal((await vm.close({ wait: false })).settled, false);
    await assert.rejects(sandbox.waitSettled(), { name: 'VirqError', errno: 'EDEADLK' });
    assert.equal((await vm.get()).state, 'CLOSING');

    // Released, the reader injects; only then is the VM freed.
    await held.release();
    await sandbox.waitSettled();
    const signal = await sandbox.getSignal(id);
    assert.equal(signal.outcome, 'INJECTED');
    const { state, releasedSeq } = await vm.get();
    assert.equal(state, 'RELEASED');
    assert.ok(releasedSeq > signal.finalSeq);

    // What a test leaves open fails it.
    await eventfd.close();
  }),
);
