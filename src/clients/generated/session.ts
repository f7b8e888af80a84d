// The README's five steps with the client that the generator makes.

import {
  BreakpointsApi,
  Configuration,
  ErrnoProblemFromJSON,
  EventfdsApi,
  IrqfdsApi,
  ResponseError,
  SandboxesApi,
  ScriptsApi,
  VMsApi,
  WaitApi,
} from './api/index.js';

declare const process: { env: Record<string, string | undefined> };

const configuration = new Configuration({
  basePath: process.env.VIRQ_URL,
  accessToken: process.env.VIRQ_TOKEN,
});
const sandboxes = new SandboxesApi(configuration);
const vms = new VMsApi(configuration);
const eventfds = new EventfdsApi(configuration);
const irqfds = new IrqfdsApi(configuration);
const breakpoints = new BreakpointsApi(configuration);
const wait = new WaitApi(configuration);
const scripts = new ScriptsApi(configuration);

const sb = 'generated-typescript';
await sandboxes.ensureSandbox({ sb, sandboxRequest: { ttl: 'PT2M' } });
const vm = (await vms.createVm({ sb })).id;
const { fds } = await eventfds.createEventfd({ sb });
const efd = String(fds[0]);
const irqfd = await irqfds.assignIrqfd({ sb, vm, irqfdRequest: { fd: fds[0], gsi: 5 } });
console.log(vm, fds[0], irqfd.id, irqfd.state);

// 1. CPU 0 picks up the pointer, and is held there
const bp = (
  await breakpoints.createBreakpoint({ sb, breakpointRequest: { point: 'inject.dereferenced' } })
).id;
const signal = (await eventfds.signalEventfd({ sb, efd })).id;
const parked = await wait.waitFor({ sb, waitRequest: { _for: 'parked', breakpoint: bp } });
console.log(bp, signal, parked.met);

// 2. CPU 1 takes the object off its list; synchronize_srcu cannot return
console.log((await vms.closeVm({ sb, vm, wait: 'none' })).settled);
try {
  await wait.waitFor({ sb, waitRequest: { _for: 'settled' } });
} catch (refused) {
  if (!(refused instanceof ResponseError)) throw refused;
  const problem = ErrnoProblemFromJSON(await refused.response.json());
  const { status, errno, heldBy, pending } = problem;
  console.log(status, errno, heldBy?.[0].breakpoint, pending?.[1].stage);
}
const closing = await vms.getVm({ sb, vm });
console.log(closing.state, closing.refs);

// 3. CPU 0 takes the lock, injects, and leaves the read section
console.log((await breakpoints.releaseBreakpoint({ sb, bp })).id);

// 4. The grace period ends. 5. The VM is freed
console.log((await wait.waitFor({ sb, waitRequest: { _for: 'settled' } })).met);
const { outcome, finalSeq } = await eventfds.getSignal({ sb, signal });
const freed = await vms.getVm({ sb, vm });
console.log(outcome, freed.state, freed.releasedSeq! > finalSeq!);

// A script is text, and so is its answer: a line for each operation
const body = 'eventfd_create e 7\neventfd_read e\n';
console.log((await scripts.runScript({ sb, body })).trimEnd());

const { leaked } = await sandboxes.deleteSandbox({ sb });
console.log(leaked.vms.length, leaked.eventfds[0]);
