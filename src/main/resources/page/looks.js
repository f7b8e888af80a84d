/** Looks at the state of a sandbox: what stands at the right of the page. */
import { sandboxPath } from './api.js';

const MOST_VMS = 8;

/** What an irqfd goes through, in order. */
export const IRQFD_STATES = ['ACTIVE', 'UNHOOKED', 'FLUSHING', 'DISCONNECTED', 'GRACE', 'FREED'];

/** What is shown before a look, and of a sandbox that is not there. */
export const NOTHING = { vms: [], eventfds: [], irqfds: [], breakpoints: [], stats: {} };

/** All that is shown of a sandbox; or that it is missing, or the answer that refused it. */
export async function look(api, sandbox, chipsOf) {
  const path = sandboxPath(sandbox);
  const here = await api.get(path);
  if (here.status === 404) return { missing: true };
  if (!here.ok) return { refused: here };
  const [vms, eventfds, breakpoints, stats] = await Promise.all([
    api.get(path + '/vms?pageSize=1000'),
    api.get(path + '/eventfds?pageSize=100'),
    api.get(path + '/breakpoints?pageSize=100'),
    api.get(path + '/stats'),
  ]);
  const shown = (vms.body.items ?? []).slice(-MOST_VMS);
  const irqfds = await Promise.all(
    shown.map((vm) => api.get(`${path}/vms/${vm.id}/irqfds?pageSize=100`)),
  );
  const vm = shown.find((one) => one.id === chipsOf) ?? shown.findLast((one) => one.state === 'OPEN');
  const chips = vm?.state === 'OPEN' ? await chipsOfVm(api, `${path}/vms/${vm.id}`, vm) : undefined;
  return {
    sandbox: here.body,
    vms: shown,
    moreVms: (vms.body.items ?? []).length - shown.length,
    eventfds: eventfds.body.items ?? [],
    irqfds: irqfds.flatMap((answer) => answer.body.items ?? []),
    breakpoints: breakpoints.body.items ?? [],
    stats: stats.ok ? stats.body : {},
    chips,
  };
}

async function chipsOfVm(api, path, vm) {
  const [irqchip, vcpus] = await Promise.all([
    vm.irqchip === 'KERNEL' ? api.get(path + '/irqchip') : { ok: false },
    vm.irqchip === 'NONE' ? { ok: false } : api.get(path + '/vcpus'),
  ]);
  const items = (vcpus.ok ? vcpus.body.items : []).slice(0, 4);
  const lapics = await Promise.all(items.map((vcpu) => api.get(`${path}/vcpus/${vcpu.id}/lapic`)));
  return {
    vm: vm.id,
    irqchip: irqchip.ok ? irqchip.body : undefined,
    vcpus: items.map((vcpu, i) => ({ ...vcpu, lapic: lapics[i].ok ? lapics[i].body : undefined })),
  };
}
