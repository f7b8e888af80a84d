import { html } from './vendor/htm-preact.js';

/** A row of lamps: each {on, name, more}. */
function Lamps({ name, lamps }) {
  const on = lamps.filter((lamp) => lamp.on).map((lamp) => lamp.name);
  return html`<div class="lamps" role="img" aria-label=${`${name}: ${on.length ? on.join(', ') : 'none'}`}>
    <span class="lamps-name">${name}</span>
    ${lamps.map((lamp) => html`<span class=${'lamp' + (lamp.on ? ' on' : '') + (lamp.dim ? ' dim' : '')} title=${lamp.title ?? lamp.name}></span>`)}
  </div>`;
}

function bits(value, names, first = 0) {
  return names.map((i) => ({ on: Boolean((value >> i) & 1), name: String(i + first) }));
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

function Pic({ name, half, first }) {
  return html`<h4>8259 ${name} <small>IRQ ${first} to ${first + 7}</small></h4>
    <${Lamps} name="IRR" lamps=${bits(half.irr, EIGHT, first)} />
    <${Lamps} name="ISR" lamps=${bits(half.isr, EIGHT, first)} />
    <${Lamps} name="IMR" lamps=${bits(half.imr, EIGHT, first)} />`;
}

function IoApic({ ioapic }) {
  const title = (pin) =>
    `pin ${pin.pin}: vector ${pin.vector}, ${pin.triggerMode}, ${pin.mask ? 'masked' : 'open'}${pin.remoteIrr ? ', remote IRR' : ''}`;
  const lamps = (on) => ioapic.pins.map((pin) => ({ on: on(pin), name: String(pin.pin), title: title(pin), dim: pin.mask }));
  return html`<h4>I/O APIC <small>pins 0 to 23; dim: masked</small></h4>
    <${Lamps} name="IRR" lamps=${lamps((pin) => Boolean((ioapic.irr >> pin.pin) & 1))} />
    <${Lamps} name="remote" lamps=${lamps((pin) => pin.remoteIrr)} />
    <${Lamps} name="level" lamps=${lamps((pin) => pin.triggerMode === 'LEVEL')} />`;
}

const VECTORS = Array.from({ length: 256 }, (_, i) => i);

/** The 256 vectors of a local APIC: which are requested, in service, and level-triggered. */
function Grid({ vcpu }) {
  const { irr, isr, tmr } = vcpu.lapic;
  const words = `Vectors of vCPU ${vcpu.id}. Requested: ${irr.join(', ') || 'none'}. In service: ${isr.join(', ') || 'none'}.`;
  return html`<div class="grid-box">
    <div class="grid" role="img" aria-label=${words}>
      ${VECTORS.map((vector) => {
        const classes = ['cell'];
        if (irr.includes(vector)) classes.push('irr');
        if (isr.includes(vector)) classes.push('isr');
        if (tmr.includes(vector)) classes.push('tmr');
        return html`<span class=${classes.join(' ')} title=${`vector ${vector}`}></span>`;
      })}
    </div>
    <ul class="legend"><li><span class="cell irr"></span>IRR ${irr.join(', ')}</li><li><span class="cell isr"></span>ISR ${isr.join(', ')}</li><li><span class="cell tmr"></span>TMR ${tmr.join(', ')}</li></ul>
  </div>`;
}

/** The interrupt controllers of one VM. */
export function Chips({ chips, act, path }) {
  if (!chips) return html`<p class="none">No open VM.</p>`;
  const vm = `${path}/vms/${chips.vm}`;
  const { irqchip, vcpus } = chips;
  return html`<div class="chips">
    <h3>${chips.vm}</h3>
    ${irqchip?.pic
      ? html`<${Pic} name="master" half=${irqchip.pic.master} first=${0} /><${Pic} name="slave" half=${irqchip.pic.slave} first=${8} />`
      : null}
    ${irqchip?.ioapic ? html`<${IoApic} ioapic=${irqchip.ioapic} />` : null}
    ${vcpus.map(
      (vcpu) => html`<h4>vCPU ${vcpu.id} <small>vectors 0 to 255, 16 a row</small></h4>
        ${vcpu.lapic ? html`<${Grid} vcpu=${vcpu} />` : null}
        <div class="row wrap">
          <button class="small" onClick=${() => act('PUT', `${vm}/vcpus/${vcpu.id}/lapic`, { svr: 511 })}>Enable APIC</button>
          <button class="small" onClick=${() => act('POST', `${vm}/vcpus/${vcpu.id}/ack`)}>Acknowledge</button>
          <button class="small" onClick=${() => act('POST', `${vm}/vcpus/${vcpu.id}/eoi`)}>End of interrupt</button>
        </div>`,
    )}
    <div class="row wrap"><button class="small" onClick=${() => act('POST', `${vm}/vcpus`, { id: vcpus.length })}>Add vCPU ${vcpus.length}</button></div>
  </div>`;
}
