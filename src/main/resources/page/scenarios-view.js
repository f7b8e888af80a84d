import { html } from './vendor/htm-preact.js';
import { filled } from './walk.js';
import { sandboxPath } from './api.js';

function Code({ lines }) {
  if (!lines || lines.length === 0) return null;
  return html`<pre class="patch" tabindex="0" aria-label="Lines of the 2009 patch">${lines.map((line) => {
    const parts = line.split(/(\[[1-4]\])/);
    return html`${parts.map((part) => (/^\[[1-4]\]$/.test(part) ? html`<b class="mark">${part}</b>` : part))}${'\n'}`;
  })}</pre>`;
}

function Result({ call, result, sandbox }) {
  const state = result === undefined ? '' : result.ok ? 'ok' : 'bad';
  const sign = { '': '·', ok: '✓', bad: '✗' }[state];
  const shows = Object.entries(call.expect ?? {})
    .filter(([member]) => member !== 'status' && member !== 'id')
    .map(([member, value]) => `${member.replace(/^\//, '')} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return html`<li class=${'call ' + state}>
    <span class="sign" role="img" aria-label=${{ '': 'to come', ok: 'as expected', bad: 'not as expected' }[state]}>${sign}</span>
    <code>${call.method} ${filled(call.path, sandbox).replace(sandboxPath(sandbox), '…')}</code>
    ${shows ? html`<span class="shows">→ ${shows}</span>` : null}
    ${call.says ? html`<span class="says">${call.says}</span>` : null}
    ${result && !result.ok ? html`<span class="fault">${result.wrong.join('; ')}</span>` : null}
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

/** One walk: its steps, and what each has shown. */
export function WalkView({ walk, progress, sandbox, occupied, onStart, onNext, onPlay, onBack, linked }) {
  const started = progress?.name === walk.name;
  const next = started ? progress.next : 0;
  const over = started && next >= walk.steps.length;
  const failed = started && progress.failed;
  return html`<section class="walk" aria-labelledby="walk-title">
    <button class="back" onClick=${onBack}>‹ All scenarios</button>
    <h2 id="walk-title">${walk.title}</h2>
    <p class="shows">${walk.shows}</p>
    <div class="walk-buttons">
      ${started && !over && !failed
        ? html`<button class="primary" id="next" disabled=${progress.busy} onClick=${onNext}>${next === 0 ? 'Set the stage' : next < walk.steps.length ? `Step ${walk.steps[next].number ?? next}` : 'Next'} <kbd>N</kbd></button>
            <button onClick=${onPlay} disabled=${progress.busy}>Run to the end</button>`
        : html`<button class="primary" id="start" disabled=${started && progress.busy} onClick=${onStart}>${started ? 'Start again' : 'Start'}${occupied ? `: empties ${sandbox}` : ''}</button>`}
      ${started && !over && !failed ? html`<button onClick=${onStart} disabled=${progress.busy}>Start again</button>` : null}
    </div>
    ${over ? html`<p class="verdict ok" role="status">OK: every answer was as expected.</p>` : null}
    ${failed ? html`<p class="verdict bad" role="alert">${progress.failed}</p>` : null}
    ${!started && linked ? html`<p class="verdict">The link leads to step ${linked}. <button onClick=${() => onPlay(linked)}>Play up to it</button></p>` : null}
    <ol class="steps">
      ${walk.steps.map((step, i) => {
        const state = !started || i > next ? 'later' : i < next ? 'done' : 'now';
        // What has just been done is what there is to see; of the next step, what it will do.
        const last = started && i === Math.max(0, next - 1);
        const detailed = last || state === 'now' || (!started && i === (linked ?? 0));
        const whole = last || !started;
        return html`<li class=${'step ' + state} key=${walk.name + i} ref=${last && next > 0 ? intoView : undefined} aria-current=${started && i === next ? 'step' : undefined}>
          <h3><span class="number">${step.number ?? '○'}</span>${step.title}${(step.marks ?? []).map((mark) => html` <b class="mark">${mark}</b>`)}${state === 'done' ? html`<span class="tick" role="img" aria-label="done">✓</span>` : null}</h3>
          ${detailed
            ? html`<p>${step.text}</p>${whole ? html`<${Code} lines=${step.code} />` : null}
                <ul class="calls">${(whole || failed ? step.calls : []).map((call, c) => html`<${Result} call=${call} sandbox=${sandbox} result=${started ? progress.results[i]?.[c] : undefined} />`)}</ul>`
            : null}
        </li>`;
      })}
    </ol>
  </section>`;
}

/** The list of walks, and of the scenarios that the server has besides. */
export function ScenarioList({ walks, scenarios, onChoose }) {
  const more = scenarios.filter((one) => !walks.some((walk) => walk.name === one.name));
  const item = (one) => html`<li><button class="choice" onClick=${() => onChoose(one.name)}>
    <b>${one.title}</b><span>${one.shows}</span></button></li>`;
  return html`<section aria-label="Scenarios">
    <ul class="choices">${walks.map(item)}${more.map(item)}</ul>
  </section>`;
}

/** A scenario that the server runs, step by step or at once. */
export function RunView({ scenario, run, onRun, onNext, onBack, onTrace }) {
  const steps = run?.steps ?? scenario.steps;
  return html`<section class="walk" aria-labelledby="walk-title">
    <button class="back" onClick=${onBack}>‹ All scenarios</button>
    <h2 id="walk-title">${scenario.title}</h2>
    <p class="shows">${scenario.shows}</p>
    <div class="walk-buttons">
      ${run?.next
        ? html`<button class="primary" id="next" disabled=${run.busy} onClick=${onNext}>Step ${run.next} <kbd>N</kbd></button>`
        : html`<button class="primary" id="start" disabled=${run?.busy} onClick=${() => onRun('step')}>Step by step</button>`}
      <button onClick=${() => onRun('all')} disabled=${run?.busy}>Run</button>
      ${run?.trace ? html`<button onClick=${() => onTrace(run.trace)}>Trace</button>` : null}
    </div>
    ${run?.fault ? html`<p class="verdict bad" role="alert">${run.fault}</p>` : null}
    ${run && !run.next && !run.fault && run.verdict ? html`<p class=${'verdict ' + (run.verdict === 'OK' ? 'ok' : 'bad')} role="status">${run.verdict === 'OK' ? 'OK: every answer was as expected.' : run.verdict}</p>` : null}
    <ol class="steps">
      ${steps.map((step) => {
        const state = step.ok === undefined ? (run?.next === step.n ? 'now' : 'later') : 'done';
        return html`<li class=${'step ' + state} aria-current=${state === 'now' ? 'step' : undefined}>
          <h3><span class="number">${step.n}</span>${step.text}${step.mark ? html` <b class="mark">${step.mark}</b>` : null}${step.ok ? html`<span class="tick" role="img" aria-label="done">✓</span>` : null}</h3>
          <ul class="calls"><${RunCall} step=${step} /></ul>
        </li>`;
      })}
    </ol>
  </section>`;
}

function RunCall({ step }) {
  if (!step.call) return null;
  const state = step.ok === undefined ? '' : step.ok ? 'ok' : 'bad';
  const path = step.call.path.replace('{S}', '…').replace(/^\/v1\/sandboxes\/[^/]+/, '…');
  const shows = Object.entries(step.expected ?? {})
    .filter(([member]) => member !== 'status')
    .map(([member, value]) => `${member.replace(/^\//, '')} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return html`<li class=${'call ' + state}>
    <span class="sign" role="img" aria-label=${{ '': 'to come', ok: 'as expected', bad: 'not as expected' }[state]}>${{ '': '·', ok: '✓', bad: '✗' }[state]}</span>
    <code>${step.call.method} ${path}</code>${shows ? html`<span class="shows">→ ${shows}</span>` : null}
    ${step.fault ? html`<span class="fault">${step.fault}</span>` : null}
  </li>`;
}
