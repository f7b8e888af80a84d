import { html } from './vendor/htm-preact.js';
import { marksOf, partsDone, partsOf } from './parts.js';

function Code({ lines }) {
  if (!lines || lines.length === 0) return null;
  return html`<pre class="patch" tabindex="0" aria-label="Lines of the 2009 patch">${lines.map((line) => {
    const parts = line.split(/(\[[1-4]\])/);
    return html`${parts.map((part) => (/^\[[1-4]\]$/.test(part) ? html`<b class="mark">${part}</b>` : part))}${'\n'}`;
  })}</pre>`;
}

/** What a step expects of its answer, briefly. */
function expects(expected) {
  const shown = (value) => {
    if (value?.above !== undefined) return `above ${value.above}`;
    if (value?.atLeast !== undefined) return `at least ${value.atLeast}`;
    if (value?.oneOf !== undefined) return value.oneOf.join(' or ');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return Object.entries(expected)
    .filter(([member]) => member !== 'status')
    .map(([member, value]) => `${member.replace(/^\//, '')} ${shown(value)}`)
    .join(', ');
}

/** A step, and what was observed if it was taken. */
function Step({ step, taken, alone, sandbox }) {
  const state = taken?.ok === undefined ? '' : taken.ok ? 'ok' : 'bad';
  const call = taken?.call ?? step.call;
  const shows = expects(taken?.expected ?? step.expected);
  const [, name, rest] = /^\/v1\/sandboxes\/([^/?]+)(.*)$/.exec(call.path) ?? [];
  const path = name === undefined ? call.path.replace('{S}', '…') : rest;
  const times = step.times ? `${step.times} × ` : '';
  return html`<li class=${'call ' + state}>
    <span class="sign" role="img" aria-label=${{ '': 'to come', ok: 'as expected', bad: 'not as expected' }[state]}>${{ '': '·', ok: '✓', bad: '✗' }[state]}</span>
    <code>${times}${call.method} ${name === undefined ? null : name === sandbox ? '…' : html`<a href=${`#/sandboxes/${name}`} target="_blank" rel="noopener" title="Look at this other sandbox">${name}</a>`}${path}</code>
    ${shows ? html`<span class="shows">→ ${shows}</span>` : null}
    ${alone ? null : html`<span class="says">${step.text}</span>`}
    ${taken?.fault ? html`<span class="fault">${taken.fault}</span>` : null}
  </li>`;
}

/** Brings a step to the top of its panel, once. */
function intoView(step) {
  const panel = step?.closest('.tab-panel');
  if (!panel || step.dataset.shown) return;
  step.dataset.shown = 'true';
  const top = step.offsetTop - panel.offsetTop - 60;
  if (top + step.offsetHeight > panel.scrollTop + panel.clientHeight - 120) panel.scrollTop = top;
}

/** One scenario: its parts, and what each has shown. */
export function ScenarioView({ scenario, run, sandbox, occupied, onStart, onNext, onPlay, onTrace, onBack, linked }) {
  const parts = partsOf(scenario);
  const started = run?.name === scenario.name;
  const begun = started && run.id !== undefined;
  const next = begun ? partsDone(parts, run) : 0;
  const wrong = begun ? run.steps.find((step) => step.fault) : undefined;
  const fault = started ? (run.fault ?? (wrong && `${wrong.text} ${wrong.fault}`)) : undefined;
  const goesOn = begun && run.next && !fault;
  return html`<section class="walk" aria-labelledby="walk-title">
    <button class="back" onClick=${onBack}>‹ All scenarios</button>
    <h2 id="walk-title">${scenario.title}</h2>
    <p class="shows">${scenario.shows}</p>
    <div class="walk-buttons">
      ${goesOn
        ? html`<button class="primary" id="next" disabled=${run.busy} onClick=${onNext}>${parts[next].name} <kbd>N</kbd></button>
            <button onClick=${onPlay} disabled=${run.busy}>Run to the end</button>
            <button onClick=${onStart} disabled=${run.busy}>Start again</button>`
        : html`<button class="primary" id="start" disabled=${started && run.busy} onClick=${onStart}>${started ? 'Start again' : 'Start'}${occupied ? `: empties ${sandbox}` : ''}</button>
            ${started ? null : html`<button onClick=${onPlay}>Run to the end</button>`}`}
      ${begun && !run.next ? html`<button onClick=${() => onTrace(run.trace)} title="Save the trace of this run, to be opened in Perfetto">Trace of the run</button>` : null}
      ${begun && !run.next && !fault ? html`<p class="verdict ok" role="status">OK: every answer was as expected.</p>` : null}
      ${fault ? html`<p class="verdict bad" role="alert">${fault}</p>` : null}
    </div>
    ${!started && linked !== undefined && parts[linked] ? html`<p class="verdict">The link leads to ${parts[linked].name}. <button onClick=${() => onPlay(linked)}>Play up to it</button></p>` : null}
    <ol class="steps">
      ${parts.map((part, i) => {
        const state = !begun || i > next ? 'later' : i < next ? 'done' : 'now';
        // What has just been done is what there is to see; of the next part, what it will do.
        const last = begun && i === (fault ? next : Math.max(0, next - 1));
        const detailed = last || state === 'now' || (!started && i === (linked ?? 0));
        const whole = last || !started;
        return html`<li class=${'step ' + state} key=${scenario.name + i} ref=${last && (next > 0 || fault) ? intoView : undefined} aria-current=${goesOn && i === next ? 'step' : undefined}>
          <h3><span class="number">${/\d+$/.exec(part.name)?.[0] ?? '○'}</span>${part.title}${marksOf(part).map((mark) => html` <b class="mark">${mark}</b>`)}${state === 'done' ? html`<span class="tick" role="img" aria-label="done">✓</span>` : null}</h3>
          ${detailed ? html`${part.text ? html`<p>${part.text}</p>` : null}${whole ? html`<${Code} lines=${part.code} />` : null}` : null}
          ${detailed && (whole || fault)
            ? html`<ul class="calls">${part.steps.map((step) => html`<${Step} step=${step} sandbox=${sandbox} alone=${!part.text} taken=${begun ? run.steps.find((one) => one.n === step.n) : undefined} />`)}</ul>`
            : null}
        </li>`;
      })}
    </ol>
  </section>`;
}

/** The list of scenarios. */
export function ScenarioList({ scenarios, onChoose }) {
  return html`<section aria-label="Scenarios">
    <ul class="choices">${scenarios.map((one) => html`<li key=${one.name}><button class="choice" onClick=${() => onChoose(one.name)}>
      <b>${one.title}</b><span>${one.shows}</span></button></li>`)}</ul>
  </section>`;
}
