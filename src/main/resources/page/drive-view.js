import { html, useState } from './vendor/htm-preact.js';

function Choice({ name, label, value, options, onChange }) {
  return html`<label class="field"><span>${label}</span>
    <select name=${name} value=${value} onChange=${(e) => onChange(e.target.value)}>
      ${options.map(([text, shown]) => html`<option value=${text} selected=${text === value}>${shown ?? text}</option>`)}
    </select></label>`;
}

function Text({ name, label, value, onChange, ...more }) {
  return html`<label class="field"><span>${label}</span>
    <input name=${name} value=${value} onInput=${(e) => onChange(e.target.value)} ...${more} /></label>`;
}

function form(onSubmit) {
  return (e) => {
    e.preventDefault();
    onSubmit();
  };
}

/** Everything that can be made, without typing JSON. */
export function Drive({ look, points, act, path }) {
  const [chips, setChips] = useState('KERNEL');
  const [initval, setInitval] = useState('0');
  const [semaphore, setSemaphore] = useState(false);
  const [vm, setVm] = useState('');
  const [eventfd, setEventfd] = useState('');
  const [gsi, setGsi] = useState('5');
  const [resample, setResample] = useState('');
  const [target, setTarget] = useState('');
  const [times, setTimes] = useState('1');
  const [value, setValue] = useState('1');
  const [point, setPoint] = useState('inject.dereferenced');
  const [delay, setDelay] = useState('');
  const [line, setLine] = useState('5');

  const vms = (look.vms ?? []).filter((one) => one.state === 'OPEN').map((one) => one.id);
  const eventfds = (look.eventfds ?? []).map((one) => one.id);
  const chosen = (value, list) => (list.includes(value) ? value : (list.at(-1) ?? ''));
  const vmNow = chosen(vm, vms);
  const eventfdNow = chosen(eventfd, eventfds);
  const targetNow = chosen(target, eventfds);
  const stoppable = points.filter((one) => one.stoppable);
  const where = stoppable.find((one) => one.name === point);

  const signal = () => {
    const count = Number.parseInt(times, 10) || 1;
    return count === 1
      ? act('POST', `${path}/eventfds/${targetNow}/signal`, value === '1' ? undefined : { value })
      : act('POST', `${path}/signals`, { items: [{ eventfd: targetNow, value, repeat: count }] });
  };
  const bind = () => {
    const body = { eventfd: eventfdNow, gsi: Number.parseInt(gsi, 10) };
    if (resample) Object.assign(body, { flags: ['RESAMPLE'], resampleEventfd: resample });
    return act('POST', `${path}/vms/${vmNow}/irqfds`, body);
  };

  return html`<div class="drive">
    <form onSubmit=${form(() => act('POST', path + '/vms', chips === 'KERNEL' ? {} : { irqchip: chips }))}>
      <h3>VM</h3>
      <${Choice} name="chips" label="Chips" value=${chips} onChange=${setChips} options=${[['KERNEL', '8259, I/O APIC, APICs'], ['SPLIT', 'APICs only'], ['NONE', 'none']]} />
      <button>Create VM</button>
    </form>
    <form onSubmit=${form(() => act('POST', path + '/eventfds', { initval, flags: semaphore ? ['SEMAPHORE'] : [] }))}>
      <h3>Eventfd</h3>
      <${Text} name="initval" label="Counter" value=${initval} onChange=${setInitval} inputmode="numeric" size="6" />
      <label class="tick-box"><input type="checkbox" checked=${semaphore} onChange=${(e) => setSemaphore(e.target.checked)} /> semaphore</label>
      <button>Create eventfd</button>
    </form>
    <form onSubmit=${form(bind)}>
      <h3>Bind</h3>
      <${Choice} name="bind-vm" label="VM" value=${vmNow} onChange=${setVm} options=${vms.map((id) => [id])} />
      <${Choice} name="bind-eventfd" label="Eventfd" value=${eventfdNow} onChange=${setEventfd} options=${eventfds.map((id) => [id])} />
      <${Text} name="gsi" label="GSI" value=${gsi} onChange=${setGsi} inputmode="numeric" size="4" />
      <${Choice} name="resample" label="Resample" value=${resample} onChange=${setResample} options=${[['', 'no'], ...eventfds.filter((id) => id !== eventfdNow).map((id) => [id])]} />
      <button disabled=${!vmNow || !eventfdNow}>Bind</button>
    </form>
    <form onSubmit=${form(signal)}>
      <h3>Signal</h3>
      <${Choice} name="signal-eventfd" label="Eventfd" value=${targetNow} onChange=${setTarget} options=${eventfds.map((id) => [id])} />
      <${Text} name="value" label="Value" value=${value} onChange=${setValue} inputmode="numeric" size="6" />
      <${Text} name="times" label="Times" value=${times} onChange=${setTimes} inputmode="numeric" size="5" />
      <button disabled=${!targetNow}>Signal</button>
    </form>
    <form onSubmit=${form(() => act('POST', path + '/breakpoints', delay ? { point, action: 'DELAY', delay: `PT${Number(delay) / 1000}S`, hits: 1000 } : { point, maxHold: 'PT5M' }))}>
      <h3>Breakpoint</h3>
      <${Choice} name="point" label="At" value=${point} onChange=${setPoint} options=${stoppable.map((one) => [one.name, one.name + (one.mark ? ' ' + one.mark : '')])} />
      <${Text} name="delay" label="Delay, ms" value=${delay} onChange=${setDelay} inputmode="numeric" size="6" placeholder="hold" />
      <button disabled=${stoppable.length === 0}>Set breakpoint</button>
      ${where ? html`<p class="hint">${where.where}${where.holds.length ? `; a thread there is inside ${where.holds.join(', ')}` : ''}</p>` : null}
    </form>
    <form onSubmit=${(e) => e.preventDefault()}>
      <h3>Line</h3>
      <${Text} name="line" label="GSI" value=${line} onChange=${setLine} inputmode="numeric" size="4" />
      <button disabled=${!vmNow} onClick=${() => act('PUT', `${path}/vms/${vmNow}/gsis/${Number.parseInt(line, 10)}/line`, { level: 1 })}>Raise</button>
      <button disabled=${!vmNow} onClick=${() => act('PUT', `${path}/vms/${vmNow}/gsis/${Number.parseInt(line, 10)}/line`, { level: 0 })}>Lower</button>
    </form>
    <form onSubmit=${form(() => act('POST', path + '/reset'))}>
      <h3>Everything</h3>
      <button>Reset sandbox</button>
      <p class="hint">Closes all that is open and releases all that is held.</p>
    </form>
  </div>`;
}
