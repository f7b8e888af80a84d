/**
 * Walks: a story in steps, each with the calls that make it. What a call must answer stands beside
 * it, as the members that matter. {S} is the sandbox. Threads are held for as long as virq allows: a
 * person reads.
 */

const bound = [
  { method: 'POST', path: '{S}/vms', body: {}, status: 201, expect: { id: 'vm-1' } },
  { method: 'POST', path: '{S}/eventfds', body: {}, status: 201, expect: { fds: [3] } },
  {
    method: 'POST',
    path: '{S}/vms/vm-1/irqfds',
    body: { fd: 3, gsi: 5 },
    status: 201,
    expect: { id: 'irqfd-1', state: 'ACTIVE' },
  },
];

const hold = (point, id) => ({
  method: 'POST',
  path: '{S}/breakpoints',
  body: { point, maxHold: 'PT5M' },
  status: 201,
  expect: { id },
});

const letGo = (id) => ({ method: 'POST', path: `{S}/breakpoints/${id}/release`, status: 200, expect: { id } });

const parked = (breakpoint) => ({
  method: 'POST',
  path: '{S}/wait',
  body: { for: 'parked', breakpoint },
  status: 200,
  expect: { met: true },
});

const settled = {
  method: 'POST',
  path: '{S}/wait',
  body: { for: 'settled' },
  status: 200,
  expect: { met: true },
};

const neverSettled = { ...settled, status: 409, expect: { errno: 'EDEADLK' } };

const heldAtFour = [
  { method: 'POST', path: '{S}/eventfds/3/signal', status: 200, expect: { id: 'sig-1' } },
  parked('bp-1'),
];

export const WALKS = [
  {
    name: 'five-steps',
    title: 'The five steps of 2009',
    shows:
      'Why synchronize_srcu() has to wait: a reader has picked up the VM when somebody closes it. In June 2009 Paul McKenney asked what happens then.',
    steps: [
      {
        title: 'Set the stage',
        text: 'A VM, an eventfd, and an irqfd that binds the two: a write to the eventfd interrupts the VM on line 5. A breakpoint will stop the reader at mark [4], another one the closer at mark [3], so that both can be looked at.',
        code: [],
        calls: [
          ...bound,
          hold('inject.dereferenced', 'bp-1'),
          hold('sync.end', 'bp-2'),
        ],
      },
      {
        number: 1,
        title: 'CPU 0 picks up the pointer',
        text: 'A signal is sent. Its injection, on the lane injector, is CPU 0 of the story: it enters its read section, fetches the pointer to the VM, and is held there, at mark [4].',
        marks: ['[4]'],
        code: [
          'idx = srcu_read_lock(&irqfd->srcu);',
          '[4] kvm = rcu_dereference(irqfd->kvm);',
        ],
        calls: heldAtFour,
      },
      {
        number: 2,
        title: 'CPU 1 takes it off the list',
        text: 'The VM is closed. The lane cleanup is CPU 1: it sets the pointer to null, mark [2], takes the irqfd off its list, and calls synchronize_srcu(). That cannot return, for CPU 0 is inside its read section: the red arrow. So the VM is closing, and still there.',
        marks: ['[2]'],
        code: [
          '[2] rcu_assign_pointer(irqfd->kvm, NULL);',
          'list_del(&irqfd->list);',
          'synchronize_srcu(&irqfd->srcu);',
        ],
        calls: [
          {
            method: 'DELETE',
            path: '{S}/vms/vm-1?wait=none',
            status: 202,
            expect: { settled: false },
          },
          {
            ...neverSettled,
            says: 'Waiting would never end: everything under way is held at bp-1, or waits for it.',
          },
          { method: 'GET', path: '{S}/vms/vm-1', status: 200, expect: { state: 'CLOSING', refs: 1 } },
        ],
      },
      {
        number: 3,
        title: 'CPU 0 injects and leaves',
        text: 'Press Release on the held thread, or go on here. CPU 0 takes the lock, raises and lowers the line of a VM that is still there, and ends its read section, mark [1].',
        marks: ['[1]'],
        release: 'bp-1',
        code: [
          'mutex_lock(&kvm->lock);',
          'kvm_set_irq(kvm, …, 1); kvm_set_irq(kvm, …, 0);',
          'mutex_unlock(&kvm->lock);',
          '[1] srcu_read_unlock(&irqfd->srcu, idx);',
        ],
        calls: [
          letGo('bp-1'),
          {
            method: 'POST',
            path: '{S}/wait',
            body: { for: 'injected', vm: 'vm-1', gsi: 5, atLeast: 1 },
            status: 200,
            expect: { met: true },
          },
        ],
      },
      {
        number: 4,
        title: 'The grace period ends',
        text: 'No reader is left that could have the pointer, so synchronize_srcu() returns on CPU 1, mark [3]. The closer is held there by the second breakpoint: the VM is not freed yet.',
        marks: ['[3]'],
        code: ['[3] /* synchronize_srcu has returned */'],
        calls: [
          parked('bp-2'),
          { method: 'GET', path: '{S}/signals/sig-1', status: 200, expect: { outcome: 'INJECTED' } },
          { method: 'GET', path: '{S}/vms/vm-1', status: 200, expect: { state: 'CLOSING' } },
        ],
      },
      {
        number: 5,
        title: 'CPU 1 frees the VM',
        text: 'The closer goes on, drops the last reference, and the VM is gone. It was freed after the injection: its releasedSeq is greater than the finalSeq of the signal.',
        release: 'bp-2',
        code: ['kvm_put_kvm(kvm);', 'kfree(irqfd);'],
        calls: [
          letGo('bp-2'),
          settled,
          { method: 'GET', path: '{S}/vms/vm-1', status: 200, expect: { state: 'RELEASED', refs: 0 } },
        ],
      },
    ],
  },
  {
    name: 'eventfd-closed',
    title: 'The other side closes',
    shows:
      'The same reader is held, but the eventfd is closed instead of the VM. This side flushes the injection before it severs, so it is the flush that waits, and the grace period finds no reader.',
    steps: [
      {
        title: 'Set the stage',
        text: 'A VM, an eventfd, an irqfd on line 5, and a breakpoint at mark [4].',
        code: [],
        calls: [
          ...bound,
          hold('inject.dereferenced', 'bp-1'),
        ],
      },
      {
        number: 1,
        title: 'CPU 0 picks up the pointer',
        text: 'A signal is sent; its injection is held with the VM in its hand.',
        marks: ['[4]'],
        code: ['[4] kvm = rcu_dereference(irqfd->kvm);'],
        calls: heldAtFour,
      },
      {
        number: 2,
        title: 'The eventfd is closed',
        text: 'The last descriptor goes: POLLHUP. The clean-up takes the irqfd from the wait queue, and flushes its work. The work is what is held, so the flush waits.',
        code: ['remove_wait_queue(irqfd->wqh, &irqfd->wait);', 'flush_work(&irqfd->inject);'],
        calls: [
          { method: 'DELETE', path: '{S}/eventfds/3?wait=none', status: 202, expect: { settled: false } },
          neverSettled,
          { method: 'GET', path: '{S}/vms/vm-1', status: 200, expect: { state: 'OPEN' } },
        ],
      },
      {
        number: 3,
        title: 'Let it go',
        text: 'The injection ends, the flush with it, and the grace period has nobody to wait for. The VM lives on.',
        release: 'bp-1',
        code: [],
        calls: [
          letGo('bp-1'),
          settled,
          { method: 'GET', path: '{S}/irqfds/irqfd-1', status: 200, expect: { state: 'FREED' } },
          { method: 'GET', path: '{S}/vms/vm-1', status: 200, expect: { state: 'OPEN', irqfds: 0 } },
        ],
      },
    ],
  },
  {
    name: 'level-triggered',
    title: 'A level-triggered device',
    shows:
      'A line that stays high until the driver has served the device: assertion, acknowledgement, end of interrupt, and the resample event that asks the device whether it wants more. Watch the lamps of pin 16 and the grid of vectors.',
    steps: [
      {
        title: 'The guest',
        text: 'A VM with one vCPU whose local APIC is enabled. Pin 16 of its I/O APIC is level-triggered and sends vector 65.',
        code: [],
        calls: [
          { method: 'POST', path: '{S}/vms', body: {}, status: 201, expect: { id: 'vm-1' } },
          { method: 'POST', path: '{S}/vms/vm-1/vcpus', body: { id: 0 }, status: 201, expect: { id: 0 } },
          {
            method: 'PUT',
            path: '{S}/vms/vm-1/vcpus/0/lapic',
            body: { svr: 511 },
            status: 200,
            expect: { svr: 511 },
          },
          {
            method: 'PUT',
            path: '{S}/vms/vm-1/irqchip/ioapic/pins/16',
            body: { vector: 65, triggerMode: 'LEVEL', mask: false },
            status: 200,
            expect: { vector: 65 },
          },
        ],
      },
      {
        number: 1,
        title: 'The device',
        text: 'Two eventfds: one that the device writes to, and one that it will be asked through. The irqfd is bound with RESAMPLE.',
        code: [],
        calls: [
          { method: 'POST', path: '{S}/eventfds', body: {}, status: 201, expect: { fds: [3] } },
          { method: 'POST', path: '{S}/eventfds', body: {}, status: 201, expect: { fds: [4] } },
          {
            method: 'POST',
            path: '{S}/vms/vm-1/irqfds',
            body: { fd: 3, gsi: 16, flags: ['RESAMPLE'], resampleFd: 4 },
            status: 201,
            expect: { resample: true },
          },
        ],
      },
      {
        number: 2,
        title: 'The device raises its line',
        text: 'The line goes to 1 and stays there. The vCPU is asked for vector 65: a lamp in IRR.',
        code: [],
        calls: [
          {
            method: 'POST',
            path: '{S}/eventfds/3/signal?wait=settled',
            status: 200,
            expect: { outcome: 'INJECTED' },
          },
          { method: 'GET', path: '{S}/vms/vm-1/gsis/16', status: 200, expect: { level: 1 } },
        ],
      },
      {
        number: 3,
        title: 'The vCPU takes it',
        text: 'Acknowledged: vector 65 moves from IRR to ISR.',
        code: [],
        calls: [
          {
            method: 'POST',
            path: '{S}/vms/vm-1/vcpus/0/ack',
            status: 200,
            expect: { vector: 65 },
          },
        ],
      },
      {
        number: 4,
        title: 'End of interrupt',
        text: 'The line goes to 0, and the resample eventfd is signalled: its counter is 1. A device that wants more would raise its line again.',
        code: [],
        calls: [
          {
            method: 'POST',
            path: '{S}/vms/vm-1/vcpus/0/eoi',
            status: 200,
            expect: { vector: 65 },
          },
          { method: 'GET', path: '{S}/vms/vm-1/gsis/16', status: 200, expect: { level: 0 } },
          { method: 'GET', path: '{S}/eventfds/4', status: 200, expect: { counter: '1' } },
        ],
      },
    ],
  },
];
