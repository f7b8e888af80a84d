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
