// The tests of virq.js, against the server that VIRQ_URL names.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import * as virq from 'virq';
import { LeakError, Virq, VirqError, connect, withSandbox } from 'virq';

const MOST = 2n ** 64n - 2n;

test(
  'actions that a breakpoint holds are not settled, and waits name it',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const eventfd = await sandbox.createEventfd();
    const irqfd = await vm.assign(eventfd, 5);
    const held = await sandbox.setBreakpoint('inject.dereferenced', { vm, irqfd, eventfd, gsi: 5 });
    const signal = await eventfd.signal({ wait: true });
    assert.equal(signal.settled, false);
    assert.equal(signal.heldBy[0].breakpoint, held.id);
    assert.equal((await held.get()).state, 'PARKED');

    const report = await vm.close();
    assert.equal(report.settled, false);
    assert.equal(report.heldBy[0].breakpoint, held.id);
    await assert.rejects(sandbox.waitSettled(), (error) => {
      assert.ok(error instanceof VirqError);
      assert.deepEqual([error.errno, error.status, error.heldBy[0].breakpoint], ['EDEADLK', 409, held.id]);
      return true;
    });

    await held.release();
    await vm.waitReleased();
    assert.equal((await sandbox.getSignal(signal)).outcome, 'INJECTED');
    assert.equal((await irqfd.get()).state, 'FREED');
    await held.delete();
    await eventfd.close();
  }),
);

test(
  'values of 64 bits are exact',
  withSandbox(async (sandbox) => {
    const eventfd = await sandbox.createEventfd({ initval: 5 });
    assert.equal(await eventfd.read(), 5n);
    assert.equal((await eventfd.signal({ value: MOST, wait: true })).counterAfter, MOST);
    assert.equal((await eventfd.get()).counter, MOST);
    assert.equal(await eventfd.read(), MOST);
    await assert.rejects(eventfd.signal({ value: 2 ** 60 }), RangeError);
    await eventfd.close();
  }),
);

test(
  'waits and counters',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm({ name: 'guest' });
    const eventfd = await sandbox.createEventfd({ flags: ['NONBLOCK'] });
    const irqfd = await vm.assign(eventfd.fd, 5);
    assert.equal((await eventfd.get()).boundTo.irqfd, irqfd.id);
    assert.equal((await eventfd.signal({ wait: true })).outcome, 'INJECTED');
    assert.equal(await irqfd.waitInjected(), 1);
    assert.equal(await vm.waitInjected(5, { atLeast: 1, atMost: 1 }), 1);
    assert.equal((await vm.gsi(5)).injected, 1);
    await assert.rejects(irqfd.waitInjected({ atLeast: 2, timeout: 1 }), { errno: 'ETIMEDOUT', status: 504 });
    await sandbox.waitParked();
    assert.equal((await sandbox.stats()).outcomes.INJECTED, 1);

    assert.deepEqual((await irqfd.close()).released, [irqfd.id]);
    await irqfd.waitReleased();
    assert.equal((await eventfd.signal({ wait: true })).outcome, 'NOT_BOUND');
    assert.ok((await vm.setLine(5, 1)) >= 0);
    const second = await eventfd.dup();
    assert.equal((await eventfd.close({ fd: second })).lastReference, false);
    assert.equal((await eventfd.close()).lastReference, true);
    assert.deepEqual((await vm.close()).vmFreed, [vm.id]);
  }),
);

test(
  'refusals carry errno and problem',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const eventfd = await sandbox.createEventfd();
    await vm.assign(eventfd, 5);
    await assert.rejects(vm.assign(eventfd, 6), (error) => {
      assert.deepEqual([error.errno, error.status], ['EBUSY', 409]);
      assert.match(error.message, /^EBUSY \(409\): .*efd-1/);
      assert.equal(error.problem.sandbox, sandbox.name);
      return true;
    });
    await eventfd.close();
    await vm.close();
  }),
);

test(
  'level-triggered lines, and calls without a method',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const [device, done] = [await sandbox.createEventfd(), await sandbox.createEventfd()];
    const irqfd = await vm.assign(device, 16, { resample: done });
    assert.equal((await irqfd.get()).resample, true);
    assert.equal((await sandbox.request('POST', `/vms/${vm.id}/vcpus`, { id: 0 })).id, 0);
    assert.deepEqual((await sandbox.request('GET', `/vms/${vm.id}/irqfds`, undefined, { gsi: 17 })).items, []);
    for (const one of [device, done, vm]) {
      await one.close();
    }
  }),
);

test(
  'the guest takes and ends interrupts',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const [device, done] = [await sandbox.createEventfd(), await sandbox.createEventfd()];
    const vcpu = await vm.createVcpu();
    assert.equal((await vcpu.get()).runState, 'RUNNABLE');
    assert.equal((await vcpu.setLapic({ svr: 0x1ff, tpr: 0 })).svr, 0x1ff);
    assert.equal((await vm.pin(16)).mask, true);
    const entry = await vm.setPin(16, { vector: 65, triggerMode: 'LEVEL', mask: false });
    assert.deepEqual([entry.pin, entry.vector, entry.triggerMode, entry.mask], [16, 65, 'LEVEL', false]);
    assert.equal(await vcpu.ack(), undefined);
    const irqfd = await vm.assign(device.fd, 16, { resample: done.id });
    assert.equal((await device.signal({ wait: true })).lineStatus, 'DELIVERED');
    assert.deepEqual((await vcpu.lapic()).irr, [65]);
    assert.equal(await vcpu.ack(), 65);
    assert.equal((await vm.pin(16)).remoteIrr, true);
    // While the line is high, a further signal is injected and ignored.
    const further = await device.signal({ wait: true });
    assert.deepEqual([further.outcome, further.lineStatus], ['INJECTED', 'IGNORED']);
    const { vector, resampled } = await vcpu.eoi();
    assert.deepEqual([vector, resampled], [65, [irqfd.id]]);
    assert.equal(await done.read(), 1n);
    for (const one of [device, done, vm]) {
      await one.close();
    }
  }),
);

test(
  'objects may be named by their ids',
  withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const [eventfd, done] = [await sandbox.createEventfd(), await sandbox.createEventfd()];
    const irqfd = await vm.assign(eventfd.id, 5, { resample: done.fd });
    assert.equal((await irqfd.get()).resample, true);
    const match = { vm: vm.id, irqfd: irqfd.id, eventfd: eventfd.id, gsi: 5 };
    const held = await sandbox.setBreakpoint('inject.dereferenced', match);
    assert.deepEqual((await held.get()).match, match);
    const { id } = await eventfd.signal();
    await sandbox.wait('parked', { breakpoint: held.id });
    await held.release();
    await sandbox.wait('injected', { irqfd, atLeast: 1 });
    assert.equal((await sandbox.getSignal(id)).eventfd, eventfd.id);
    for (const one of [eventfd, done, vm]) {
      await one.close();
    }
    await held.delete();
  }),
);

test(
  'wrong arguments and unknown options are named',
  withSandbox(async (sandbox) => {
    const [vm, eventfd] = [await sandbox.createVm(), await sandbox.createEventfd()];
    const irqfd = await vm.assign(eventfd, 4);
    const held = await sandbox.setBreakpoint('inject.enter');
    const vcpu = await vm.createVcpu(0);
    const unknown = (call, option, known) => new RegExp(`^TypeError: ${call}: unknown option "${option}"; known: ${known}`);
    for (const [call, expected] of [
      [() => sandbox.setBreakpoint('inject.enter', { irqdf: irqfd }), unknown('setBreakpoint', 'irqdf', 'vm, irqfd, ')],
      [() => sandbox.setBreakpoint('inject.enter', { irqfd: sandbox.createVm }), /^TypeError: irqfd must be an Irqfd or an id such as "irqfd-1", not a function/],
      [() => sandbox.setBreakpoint('inject.enter', { irqfd: Promise.resolve(irqfd) }), /irqfd must be .*, not a Promise \(forgot await\?\)/],
      [() => sandbox.setBreakpoint('inject.enter', { irqfd: null }), /^TypeError: irqfd must be .*, not null/],
      [() => sandbox.setBreakpoint('inject.enter', { vm: irqfd }), /vm must be a Vm or .*"vm-1", not an Irqfd/],
      [() => sandbox.setBreakpoint('inject.enter', irqfd), /^TypeError: setBreakpoint: options must be an object such as .*, not an Irqfd/],
      [() => sandbox.setBreakpoint('inject.enter', { maxHold: 'PT5S' }), /^TypeError: maxHold must be a number, of milliseconds, not "PT5S"/],
      [() => sandbox.setBreakpoint('inject.enter', { delay: NaN }), /^RangeError: delay is NaN: a number of milliseconds/],
      [() => sandbox.setBreakpoint('inject.enter', { hits: 0 }), /^RangeError: hits is 0: an integer in 1/],
      [() => sandbox.setBreakpoint(undefined), /^TypeError: point must be a string, not undefined/],
      [() => sandbox.createVm('SPLIT'), /^TypeError: createVm: options must be .*not "SPLIT"/],
      [() => sandbox.createVm({ irqchips: 'SPLIT' }), unknown('createVm', 'irqchips', 'irqchip, ')],
      [() => sandbox.createEventfd(5), /^TypeError: createEventfd: options must be .*not 5/],
      [() => sandbox.createEventfd({ initval: '5' }), /^TypeError: initval must be a bigint or an integer, not "5"/],
      [() => sandbox.getSignal(), /^TypeError: signal must be .*"sig-1", not undefined/],
      [() => sandbox.getSignal(eventfd.signal()), /^TypeError: signal must be .*, not a Promise \(forgot await\?\)/],
      [() => sandbox.runScript(['help']), /^TypeError: script must be a string, not an? Array/],
      [() => sandbox.wait('injected', { atleast: 1 }), unknown('wait', 'atleast', 'timeout, ')],
      [() => sandbox.waitParked(300), /^TypeError: waitParked: options must be an object such as \{ timeout: … \}, not 300/],
      [() => sandbox.waitSettled({ vm }), unknown('waitSettled', 'vm', 'timeout, upToSeq')],
      [() => sandbox.end({ allowleaks: true }), unknown('end', 'allowleaks', 'allowLeaks')],
      [() => vm.assign(eventfd, '5'), /^TypeError: gsi must be an integer in 0\.\.4294967295, not "5"/],
      [() => vm.assign(5, eventfd), /^TypeError: gsi must be an integer .*, not an Eventfd/],
      [() => vm.assign(eventfd, 2 ** 32), /^RangeError: gsi is 4294967296: an integer in 0\.\.4294967295 is needed/],
      [() => vm.assign(sandbox.stats(), 5), /^TypeError: eventfd must be .*"efd-1", not a Promise \(forgot await/],
      [() => vm.assign('irqfd-1', 5), /^TypeError: eventfd must be an Eventfd, a descriptor's number or an id .*not "irqfd-1"/],
      [() => vm.assign(eventfd, 5, eventfd), /^TypeError: assign: options must be an object such as \{ resample: … \}, not an Eventfd/],
      [() => vm.assign(eventfd, 5, { resample: vm }), /^TypeError: resample must be an Eventfd.*, not a Vm/],
      [() => vm.gsi('5'), /^TypeError: gsi must be/],
      [() => vm.setLine(5, true), /^TypeError: level must be an integer in 0\.\.1, not true/],
      [() => vm.waitInjected(5, 2), /^TypeError: waitInjected: options must be/],
      [() => vm.waitReleased({ timeOut: 5 }), unknown('waitReleased', 'timeOut', 'timeout')],
      [() => vm.waitReleased({ timeout: 1e6 }), /PT16M40S.* \(times of this helper are milliseconds\)$/m],
      [() => vm.close({ wait: 'none' }), /^TypeError: wait must be true or false, not "none"/],
      [() => vm.close(false), /^TypeError: close: options must be/],
      [() => vm.setPin(24, { vector: 65 }), /^RangeError: pin is 24: an integer in 0\.\.23/],
      [() => vm.setPin(16, { trigger: 'LEVEL' }), unknown('setPin', 'trigger', 'vector, triggerMode')],
      [() => vcpu.setLapic({ spurious: 1 }), unknown('setLapic', 'spurious', 'id, svr')],
      [() => vcpu.ack(true), /^TypeError: ack: options must be/],
      [() => eventfd.signal(5), /^TypeError: signal: options must be an object such as \{ value: … \}, not 5/],
      [() => eventfd.signal({ value: -1 }), /^RangeError: value is -1: an integer in 0\.\.18446744073709551615/],
      [() => eventfd.read(1000), /^TypeError: read: options must be/],
      [() => eventfd.close({ fd: '3' }), /^TypeError: fd must be an integer/],
      [() => irqfd.waitInjected(2), /^TypeError: waitInjected: options must be/],
      [() => irqfd.waitReleased(100), /^TypeError: waitReleased: options must be/],
      [() => irqfd.close(true), /^TypeError: close: options must be/],
      [() => held.release(1), /^TypeError: release: options must be an object such as \{ threads: … \}, not 1/],
      [() => held.waitParked(2), /^TypeError: waitParked: options must be/],
      [() => connect().sandbox(5), /^TypeError: name must be a string, not 5/],
      [() => connect().sandbox('x', 5000), /^TypeError: sandbox: options must be/],
      [() => connect().request('GET', '/v1', undefined, undefined, { ifmatch: '' }), unknown('request', 'ifmatch', 'ifMatch')],
      [async () => connect('http://10.1.2.3:99'), /^TypeError: connect: options must be an object such as \{ url: … \}, not "http/],
      [async () => connect({ URL: 'http://10.1.2.3:99' }), unknown('connect', 'URL', 'url, ')],
      [async () => connect({ url: 'localhost:8080' }), /VIRQ_URL\) is "localhost:8080": it must begin with http:\/\/ or https:\/\//],
      [async () => connect({ url: 'http://127.0.0.1:8080/v1/' }), /must not end in \/v1, which is added/],
      [async () => withSandbox({}), /^TypeError: withSandbox: body must be a function/],
      [async () => withSandbox(() => {}, { allowleaks: true }), unknown('withSandbox', 'allowleaks', 'name, ')],
    ]) {
      await assert.rejects(call, expected);
    }
    for (const one of [eventfd, vm]) {
      await one.close();
    }
    await held.delete();
  }),
);

test(
  'what is held has no figures yet',
  withSandbox(async (sandbox) => {
    const [vm, eventfd] = [await sandbox.createVm(), await sandbox.createEventfd()];
    await vm.assign(eventfd, 5);
    const held = await sandbox.setBreakpoint('inject.dereferenced');
    await eventfd.signal({ wait: true });
    const { settled, waitedForReaders, gracePeriodNanos, flushNanos } = await vm.close();
    assert.deepEqual([settled, waitedForReaders, gracePeriodNanos, flushNanos], [false, undefined, undefined, undefined]);
    await held.delete();
    await vm.waitReleased(); // until then a close of the eventfd tells of the VM's, which found a reader
    assert.equal((await eventfd.close()).waitedForReaders, 0);
    await assert.rejects(eventfd.get(), { errno: 'EBADF' });
  }),
);

test('what a breakpoint still holds is named', async () => {
  const leaky = withSandbox(async (sandbox) => {
    const [vm, eventfd] = [await sandbox.createVm(), await sandbox.createEventfd()];
    await vm.assign(eventfd, 5);
    await sandbox.setBreakpoint('inject.dereferenced');
    await eventfd.signal({ wait: true });
    await vm.close();
    await eventfd.close();
  });
  await assert.rejects(leaky(), (error) => {
    assert.match(error.message, /; bp-1 still held sig-1 at inject.dereferenced: release it$/);
    assert.equal(error.held[0].breakpoint, 'bp-1');
    return true;
  });
});

test('the types name what the server has', async () => {
  const types = await readFile(new URL('virq.d.ts', import.meta.url), 'utf8');
  const union = (name) => [...types.match(new RegExp(`export type ${name} =([^;]*);`))[1].matchAll(/'([^']*)'/g)].map(([, one]) => one);
  const { items } = await connect().request('GET', '/v1/points');
  assert.deepEqual(union('Point'), items.filter(({ stoppable }) => stoppable).map(({ name }) => name));
  await withSandbox(async (sandbox) => {
    assert.deepEqual(union('Outcome').sort(), Object.keys((await sandbox.stats()).outcomes).sort());
  })();
});

test(
  'a script answers line by line, large integers as bigint',
  withSandbox(async (sandbox) => {
    const script = `eventfd_create e0 0\neventfd_write e0 ${MOST}\neventfd_read e0\neventfd_write e0 7\neventfd_read e0`;
    const answers = await sandbox.runScript(script);
    assert.deepEqual(
      answers.map(({ ok }) => ok),
      [true, true, true, true, true],
    );
    assert.equal(answers[1].op, `eventfd_write e0 ${MOST}`);
    assert.equal(answers[2].value, MOST);
    assert.equal(answers[4].value, 7);
  }),
);

test(
  'reset numbers anew',
  withSandbox(async (sandbox) => {
    assert.equal((await sandbox.createVm()).id, 'vm-1');
    assert.deepEqual((await sandbox.reset()).leaked.vms, ['vm-1']);
    const vm = await sandbox.createVm();
    assert.equal(vm.id, 'vm-1');
    await vm.close();
  }),
);

test('what is left open is named', async () => {
  let ids;
  const leaky = withSandbox(async (sandbox) => {
    const vm = await sandbox.createVm();
    const eventfd = await sandbox.createEventfd();
    const irqfd = await vm.assign(eventfd, 5);
    ids = [vm, eventfd, irqfd, await sandbox.setBreakpoint('inject.enter')].map(({ id }) => id);
  });
  await assert.rejects(leaky(), (error) => {
    assert.ok(error instanceof LeakError);
    ids.forEach((id) => assert.ok(error.message.includes(id), error.message));
    return true;
  });
});

test('whoever may leak does not fail, and a failure is not hidden by a leak', async () => {
  let sandbox;
  const leaky = async (one) => {
    sandbox = one;
    await one.createVm();
  };
  await withSandbox(leaky, { allowLeaks: true })();
  assert.match(sandbox.name.slice(connect().prefix.length), /^leaky-[0-9a-f]{8}$/);
  await assert.rejects(sandbox.createVm(), { errno: 'ENOENT' });

  const failing = withSandbox(async (one) => {
    await leaky(one);
    throw new TypeError('the first');
  });
  await assert.rejects(failing(), { name: 'TypeError', message: 'the first' });
});

test('names are labels', async () => {
  const server = connect();
  const sandbox = await server.sandbox(`Close [two Äpfel] ${'x'.repeat(90)}`);
  assert.match(sandbox.name.slice(server.prefix.length), /^close-two-pfel-x+-[0-9a-f]{8}$/);
  assert.equal(sandbox.name.length, 63);
  await sandbox.end();
});

/** A server that keeps what it was sent and answers with the same text each time. */
async function stub(status, type, text, use) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url, authorization: request.headers.authorization });
    response.writeHead(status, { 'content-type': type, connection: 'close' }).end(text);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`, seen);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

test('token and prefix are sent; an answer that is no problem is shown', async () => {
  await stub(403, 'text/html', 'no JSON', async (url, seen) => {
    const server = connect({ url, token: 'secret', prefix: 'team-' });
    await assert.rejects(server.sandbox('mine'), { name: 'VirqError', status: 403, detail: 'no JSON', errno: '' });
    assert.equal(seen[0].authorization, 'Bearer secret');
    assert.match(seen[0].path, /^\/v1\/sandboxes\/team-mine-[0-9a-f]{8}$/);
  });
});

test('a call that is put off is made again', async () => {
  const answers = [429, 503, 200, 429, 429];
  const server = createServer((_, response) => {
    response.writeHead(answers.shift(), { 'retry-after': '0', connection: 'close' }).end('{"service":"virq"}');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  assert.deepEqual(await connect({ url }).request('GET', '/v1'), { service: 'virq' });
  assert.equal(answers.length, 2);
  await assert.rejects(connect({ url, patience: 0 }).request('GET', '/v1'), { status: 429 });
  assert.equal(answers.length, 1);
  await new Promise((closed) => server.close(closed));
});

test('another life is refused', async () => {
  const server = connect();
  const sandbox = await server.sandbox('lives');
  const first = sandbox.uid;
  assert.equal((await sandbox.reset()).uid, sandbox.uid);
  assert.notEqual(sandbox.uid, first);
  await sandbox.createVm();
  await server.request('POST', `/v1/sandboxes/${sandbox.name}/reset`);
  await assert.rejects(sandbox.createVm(), { errno: 'ESTALE', status: 412 });
  await server.request('DELETE', `/v1/sandboxes/${sandbox.name}`);
});

test('only integers that are too large become bigint', async () => {
  const text = String.raw`{"a":[9007199254740991,9007199254740993,-9007199254740993],"b":0.12345678901234567,"c":"1\":12345678901234567890","d":1e300}`;
  await stub(200, 'application/json', text, async (url) => {
    assert.deepEqual(await new Virq({ url }).request('GET', '/'), {
      a: [9007199254740991, 9007199254740993n, -9007199254740993n],
      b: 0.12345678901234567,
      c: '1":12345678901234567890',
      d: 1e300,
    });
  });
});

test('an absent server is named', async () => {
  const url = await stub(200, 'text/plain', '', async (gone) => gone);
  await assert.rejects(
    connect({ url }).sandbox(),
    /^Error: no virq answers at http:\/\/127.0.0.1:\d+ \(.*set VIRQ_URL$/,
  );
});

test('the types name what there is', async () => {
  const types = await readFile(new URL('virq.d.ts', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(virq)) {
    assert.match(types, new RegExp(`export (class|function) ${name}\\b`));
    const declared = types.match(new RegExp(`export class ${name}\\b[^]*?\n}`))?.[0];
    const methods = declared ? Object.getOwnPropertyNames(value.prototype) : [];
    for (const method of methods.filter((one) => one !== 'constructor')) {
      assert.match(declared, new RegExp(`\n  ${method}(<|\\()`), `${name}.${method}`);
    }
  }
});
