import { html } from './vendor/htm-preact.js';
import { IRQFD_STATES } from './looks.js';

export function nanos(value) {
  if (value === undefined) return '–';
  if (value < 1e3) return `${value} ns`;
  if (value < 1e6) return `${(value / 1e3).toPrecision(3)} µs`;
  if (value < 1e9) return `${(value / 1e6).toPrecision(3)} ms`;
  return `${(value / 1e9).toPrecision(3)} s`;
}

function Badge({ state }) {
  return html`<span class=${'badge ' + state.toLowerCase()}>${state}</span>`;
}

/** The two ranks in which read sections are counted; new readers take the one that is marked. */
function Ranks({ srcu }) {
  if (!srcu || srcu.begun.every((count) => count === 0)) return null;
  return html`<ul class="ranks" aria-label="Ranks of its SRCU domain">
    ${srcu.begun.map((begun, rank) => html`<li class=${begun > srcu.ended[rank] ? 'busy' : ''}>rank ${rank}: ${begun} begun, ${srcu.ended[rank]} ended${rank === srcu.index ? ', new readers' : ''}</li>`)}
  </ul>`;
}

function Irqfd({ irqfd, onDeassign }) {
  const at = IRQFD_STATES.indexOf(irqfd.state);
  return html`<li class="irqfd">
    <div class="row"><b>${irqfd.id}</b> <span>${irqfd.eventfd ?? '–'} → GSI ${irqfd.gsi}${irqfd.resample ? ', resample' : ''}</span>
      <span class="grow"></span>${irqfd.state === 'ACTIVE' ? html`<button class="small" onClick=${onDeassign} aria-label=${`Unbind ${irqfd.id}`}>Unbind</button>` : null}</div>
    <ol class="stages" aria-label=${`State of ${irqfd.id}: ${irqfd.state}`}>
      ${IRQFD_STATES.map((state, i) => html`<li class=${i < at ? 'past' : i === at ? 'at' : ''} aria-hidden=${i === at ? undefined : 'true'} title=${state}>${i === at ? state : ''}</li>`)}
    </ol>
    <div class="numbers">injected ${irqfd.injected} · coalesced ${irqfd.coalesced} · in flight ${irqfd.inFlight}</div>
    <${Ranks} srcu=${irqfd.srcu} />
  </li>`;
}

function Vm({ vm, irqfds, onClose, act, path }) {
  return html`<li class=${'card vm ' + vm.state.toLowerCase()}>
    <div class="row"><b>${vm.id}</b>${vm.name ? html` <span>${vm.name}</span>` : null} <${Badge} state=${vm.state} /><span class="grow"></span>
      ${vm.state === 'OPEN' ? html`<button class="small" onClick=${onClose} aria-label=${`Close ${vm.id}`}>Close</button>` : null}</div>
    <div class="numbers">references ${vm.refs} · irqfds ${vm.irqfds} · chips ${vm.irqchip}${vm.releasedSeq ? ` · freed at event ${vm.releasedSeq}` : ''}</div>
    ${irqfds.length > 0 ? html`<ul class="irqfds">${irqfds.map((irqfd) => html`<${Irqfd} irqfd=${irqfd} onDeassign=${() => act('DELETE', `${path}/vms/${vm.id}/irqfds/${irqfd.id}?wait=none`)} />`)}</ul>` : null}
  </li>`;
}

function Eventfd({ eventfd, act, path }) {
  const where = `${path}/eventfds/${eventfd.id}`;
  return html`<li class="card">
    <div class="row"><b>${eventfd.id}</b> <span>fd ${eventfd.fds.join(', ')}</span><span class="grow"></span>
      <button class="small" onClick=${() => act('POST', where + '/signal')} aria-label=${`Signal ${eventfd.id}`}>Signal</button>
      <button class="small" onClick=${() => act('DELETE', where + '?wait=none')} aria-label=${`Close ${eventfd.id}`}>Close</button></div>
    <div class="numbers">counter <b>${eventfd.counter}</b> · ${eventfd.boundTo ? `bound to ${eventfd.boundTo.vm}, GSI ${eventfd.boundTo.gsi}` : 'not bound'}${(eventfd.flags ?? []).length ? ' · ' + eventfd.flags.join(', ') : ''}</div>
  </li>`;
}

function Place({ place, act, path, onRelease }) {
  const where = `${path}/breakpoints/${place.id}`;
  return html`<li class=${'card place ' + place.state.toLowerCase()}>
    <div class="row"><b>${place.id}</b> <code>${place.point}</code> <${Badge} state=${place.state} /></div>
    ${place.parked.map((held) => html`<div class="numbers">${held.signal ?? held.thread.split('/').at(-1)} is held${held.holds.length ? `, inside ${held.holds.join(', ')}` : ''}</div>`)}
    <div class="row">${place.parked.length > 0 ? html`<button class="small primary" onClick=${() => onRelease(place.id)} aria-label=${`Release ${place.id}`}>Release</button>` : null}
      <button class="small" onClick=${() => act('DELETE', where)} aria-label=${`Remove ${place.id}`}>Remove</button></div>
  </li>`;
}

/** What the sandbox holds now. */
export function State({ look, act, path, onRelease }) {
  const { vms, eventfds, irqfds, breakpoints, stats } = look;
  const outcomes = Object.entries(stats.outcomes ?? {}).filter(([, count]) => count > 0);
  return html`<div class="state">
    ${breakpoints.length > 0
      ? html`<h3>Breakpoints</h3><ul class="cards">${breakpoints.map((place) => html`<${Place} key=${place.id} place=${place} act=${act} path=${path} onRelease=${onRelease} />`)}</ul>`
      : null}
    <h3>VMs</h3>
    ${vms.length === 0 ? html`<p class="none">none</p>` : null}
    <ul class="cards">${vms.map((vm) => html`<${Vm} key=${vm.id} vm=${vm} irqfds=${irqfds.filter((irqfd) => irqfd.vm === vm.id)} act=${act} path=${path} onClose=${() => act('DELETE', `${path}/vms/${vm.id}?wait=none`)} />`)}</ul>
    ${look.moreVms > 0 ? html`<p class="none">and ${look.moreVms} older ones</p>` : null}
    <h3>Eventfds</h3>
    ${eventfds.length === 0 ? html`<p class="none">none</p>` : null}
    <ul class="cards">${eventfds.map((eventfd) => html`<${Eventfd} key=${eventfd.id} eventfd=${eventfd} act=${act} path=${path} />`)}</ul>
    <h3>Counted</h3>
    <dl class="counted">
      <dt>signals</dt><dd>${stats.signals ?? 0}${stats.pending ? `, ${stats.pending} pending` : ''}</dd>
      ${outcomes.map(([outcome, count]) => html`<dt>${outcome}</dt><dd>${count}</dd>`)}
      <dt>grace periods</dt><dd>${stats.gracePeriods?.count ?? 0}${stats.gracePeriods?.count ? `, longest ${nanos(stats.gracePeriods.maxNanos)}` : ''}</dd>
    </dl>
  </div>`;
}
