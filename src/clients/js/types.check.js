// Not run: what a check of the types has to tell. An expected error that is none fails the check, as any other does.
import { connect, withSandbox } from 'virq';

export const right = withSandbox(async (sandbox) => {
  const vm = await sandbox.createVm({ irqchip: 'SPLIT', reservedPins: 24 });
  const eventfd = await sandbox.createEventfd({ initval: 5n, flags: ['SEMAPHORE'] });
  const irqfd = await vm.assign(eventfd, 5, { resample: 4 });
  const held = await sandbox.setBreakpoint('inject.dereferenced', { irqfd, vm: 'vm-1', maxHold: 5000 });
  await held.release({ threads: 'ALL' });

  const signal = await sandbox.getSignal('sig-1');
  const info = await vm.get();
  if (signal.settled && info.state === 'RELEASED') {
    // Both are numbers now.
    console.log(info.releasedSeq > signal.finalSeq, signal.outcome.length);
  }
  const vcpu = await vm.createVcpu();
  const [vector] = (await vcpu.setLapic({ svr: 0x1ff })).irr;
  console.log(vector === (await vcpu.eoi()).vector, (await irqfd.get()).state === 'FREED');
});

export const wrong = withSandbox(async (sandbox) => {
  const vm = await sandbox.createVm();
  const eventfd = await sandbox.createEventfd();
  const irqfd = await vm.assign(eventfd, 5);
  // @ts-expect-error: no such point
  await sandbox.setBreakpoint('inject.derefrenced');
  // @ts-expect-error: no such option
  await sandbox.setBreakpoint('inject.enter', { irqdf: irqfd });
  // @ts-expect-error: not awaited
  await sandbox.setBreakpoint('inject.enter', { irqfd: vm.assign(eventfd, 6) });
  // @ts-expect-error: milliseconds
  await sandbox.setBreakpoint('inject.enter', { maxHold: 'PT5S' });
  // @ts-expect-error: true or false
  await vm.close({ wait: 'none' });
  // @ts-expect-error: an object
  await eventfd.signal(5);
  // @ts-expect-error: an integer
  await vm.assign(eventfd, '5');
  // @ts-expect-error: the state of a VM
  console.log((await irqfd.get()).state === 'RELEASED');
  // @ts-expect-error: an eventfd that is closed is gone
  console.log((await eventfd.get()).state === 'CLOSED');
  // @ts-expect-error: no such outcome
  console.log((await sandbox.getSignal('sig-1')).outcome === 'DELIVERED');
  // @ts-expect-error: it may not have been settled
  console.log((await sandbox.getSignal('sig-1')).finalSeq + 1);
  // @ts-expect-error: only one that is settled has figures
  console.log((await vm.close()).waitedForReaders + 1);
  // @ts-expect-error: no such mode
  await vm.setPin(16, { triggerMode: 'HIGH' });
  // @ts-expect-error: options
  connect('http://127.0.0.1:8080');
});
