/** The page: what it knows, whom it asks, and how its parts stand together. */
import { html, render, useEffect, useState } from './vendor/htm-preact.js';
import { Api, sandboxPath } from './api.js';
import { Events } from './events.js';
import { read, write } from './link.js';
import { look, NOTHING } from './looks.js';
import { inOrder, partsDone, partsOf } from './parts.js';
import { Run } from './run.js';
import { newestOf } from './lanes.js';
import { newest, Store } from './store.js';
import { Calls, EventLog, Histogram } from './console-view.js';
import { Chips } from './chips-view.js';
import { Drive } from './drive-view.js';
import { Lanes } from './lanes-view.js';
import { ScenarioList, ScenarioView } from './scenarios-view.js';
import { State } from './state-view.js';
import { Tabs, Token, Top } from './frame-view.js';

const MOST_EVENTS = 5000;
const MOST_CALLS = 200;
/** Between two looks when no event asks for one, and while events are not heard of. */
const LOOK_MILLIS = 4000;
const DEAF_MILLIS = 500;
/** After an event or an action, so that many at once are looked at once. */
const SOON_MILLIS = 80;

const linked = read(location.hash);
const store = new Store({
  sandbox: linked.sandbox ?? 'race',
  scenario: linked.scenario,
  linkedStep: linked.step,
  look: NOTHING,
  missing: true,
  events: [],
  calls: [],
  scenarios: [],
  points: [],
  mode: 'connecting',
  ui: { toScale: false, zoom: 1, paused: false, selected: undefined },
  said: '',
});
const set = (change) => store.set(change);
const state = () => store.state;

const api = new Api((call) => {
  const others = state().calls.filter((one) => one.number !== call.number);
  set({ calls: newest([...others, call].sort((a, b) => a.number - b.number), MOST_CALLS) });
});
const runs = new Run(api, store);

// ---- looking

let timer;
let looking = false;
let again = false;

function lookSoon(millis = SOON_MILLIS) {
  clearTimeout(timer);
  timer = setTimeout(lookNow, millis);
}

async function lookNow() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  const { sandbox } = state();
  try {
    const found = await look(api, sandbox, state().chipsOf);
    if (sandbox === state().sandbox) seen(found);
  } finally {
    looking = false;
    const { mode } = state();
    const calm = document.hidden || mode === 'stream' || mode === 'missing';
    lookSoon(again ? SOON_MILLIS : calm ? LOOK_MILLIS : DEAF_MILLIS);
    again = false;
  }
}

function seen(found) {
  if (found.refused) {
    const { status, body } = found.refused;
    set({ trouble: status === 401 ? undefined : (body.detail ?? `status ${status}`), needsToken: status === 401 });
    if (status === 0) set({ mode: 'lost' });
    return;
  }
  if (found.missing) {
    if (!state().missing) events.stop();
    set({ look: NOTHING, missing: true, uid: undefined, trouble: undefined, needsToken: false, mode: 'missing' });
    return;
  }
  const { uid } = found.sandbox;
  const former = state();
  const another = former.uid !== uid;
  set({ look: found, missing: false, uid, trouble: undefined, needsToken: false });
  if (another) {
    set({ events: [] });
    events.follow(state().sandbox);
  }
  if (former.mode === 'lost' && !another) {
    if (events.idle) {
      set({ events: [] });
      events.follow(state().sandbox);
    } else {
      // The answer was lost, and not the stream.
      set({ mode: events.mode });
    }
  }
}

// ---- events

function heard(list) {
  if (list.length === 0) return;
  const all = list.some((event) => event.type === 'sandbox-reset') ? [] : state().events;
  set({ events: newestOf([...all, ...afterReset(list)], MOST_EVENTS) });
  lookSoon();
  announce(list);
}

/** What came after the last reset: the lanes begin anew there. */
function afterReset(list) {
  const at = list.findLastIndex((event) => event.type === 'sandbox-reset');
  return at < 0 ? list : list.slice(at);
}

/** For those who hear the page. */
function announce(list) {
  for (const event of list) {
    if (event.type === 'breakpoint-parked') set({ said: `${event.thread} is held at ${event.point}.` });
    else if (event.type === 'vm-released') set({ said: `${event.vm} is freed.` });
    else if (event.type === 'grace-end') set({ said: 'The grace period has ended.' });
  }
}

const events = new Events(api, {
  events: heard,
  restart: () => set({ events: [] }),
  mode: (mode) => set({ mode }),
  ended: () => lookSoon(),
});

// ---- acting

/** Makes a call that a person asked for; the sandbox is made first when there is none. */
async function act(method, path, body) {
  const here = sandboxPath(state().sandbox);
  if (state().missing && path.startsWith(here)) {
    const made = await api.make(state().sandbox);
    if (!made.ok) return made;
    await lookNow();
  }
  const answer = await api.act(method, path, body);
  set({ failed: answer.ok || answer.body?.settled === false ? undefined : answer.body?.detail });
  lookSoon();
  return answer;
}

const chosen = () => state().scenarios.find((one) => one.name === state().scenario);

async function start() {
  set({ linkedStep: undefined });
  ui({ selected: undefined, paused: false });
  const ok = await runs.start(chosen());
  await lookNow();
  return ok;
}

async function nextPart() {
  const scenario = chosen();
  if (!scenario) return;
  ui({ selected: undefined, paused: false });
  await runs.nextPart(scenario);
  lookSoon(0);
}

/** Plays on from where the run stands, or from its start, up to a part. */
async function play(upTo) {
  const scenario = chosen();
  const parts = partsOf(scenario);
  const last = typeof upTo === 'number' ? upTo + 1 : parts.length;
  if (state().run?.name !== scenario.name && !(await start())) return;
  while (state().run.next && !state().run.fault && partsDone(parts, state().run) < last) await nextPart();
}

async function release(id) {
  const path = `${sandboxPath(state().sandbox)}/breakpoints/${id}/release`;
  const { run } = state();
  // The story goes on by itself when its next step is what was clicked.
  const asked = run?.steps.find((step) => step.n === run.next)?.call.path === path;
  if (asked && !run.busy) await nextPart();
  else await act('POST', path);
}

/** Saves a trace, which opens in Perfetto. */
async function trace(path) {
  const answer = await api.save(path, `${state().sandbox}-trace.json`);
  if (!answer.ok) set({ failed: answer.body.detail });
}

function choose(scenario) {
  set({ scenario, linkedStep: undefined, run: undefined });
}

function open(sandbox) {
  if (!sandbox || sandbox === state().sandbox) return;
  events.stop();
  set({ sandbox, look: NOTHING, missing: true, uid: undefined, events: [], run: undefined, trouble: undefined, mode: 'connecting' });
  lookSoon(0);
}

const ui = (change) => set({ ui: { ...state().ui, ...change } });

// ---- what is asked once

async function facts() {
  const points = await api.get('/v1/points');
  if (points.ok) set({ points: points.body.items });
  const scenarios = await api.get('/v1/scenarios');
  if (scenarios.ok) set({ scenarios: inOrder(scenarios.body.items) });
}

function useToken(token) {
  api.token = token;
  set({ needsToken: false });
  facts();
  lookSoon(0);
}

// ---- links and keys

store.subscribe(({ sandbox, scenario, run, linkedStep }) => {
  const told = scenario && run?.id && run.name === scenario ? chosen() : undefined;
  const done = told ? partsDone(partsOf(told), run) : 0;
  const step = done > 0 ? done - 1 : linkedStep;
  const hash = write({ sandbox, scenario, step });
  if (location.hash !== hash) history.replaceState(null, '', hash);
});

addEventListener('hashchange', () => {
  const { sandbox, scenario, step } = read(location.hash);
  if (sandbox) open(sandbox);
  if (scenario !== state().scenario) choose(scenario);
  if (step !== undefined) set({ linkedStep: step });
});

addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select, textarea')) return;
  const key = e.key.toLowerCase();
  if (key === 'n') nextPart();
  else if (key === 'r') {
    const held = state().look.breakpoints.find((place) => place.parked.length > 0);
    if (held) release(held.id);
  } else if (key === 'p') ui({ paused: !state().ui.paused, selected: undefined });
  else if (key === 't') ui({ toScale: !state().ui.toScale });
  else if (key === '+' || key === '=') zoom(1.4);
  else if (key === '-') zoom(1 / 1.4);
  else return;
  e.preventDefault();
});

function zoom(factor) {
  ui({ zoom: Math.min(8, Math.max(0.2, state().ui.zoom * factor)) });
}

// ---- the whole

function LaneTools() {
  const { ui: now } = state();
  return html`<div class="tools" role="toolbar" aria-label="Lanes">
    <h2>Threads</h2>
    <span class="grow"></span>
    <button class="small" aria-pressed=${now.paused} onClick=${() => ui({ paused: !now.paused, selected: undefined })}>Pause <kbd>P</kbd></button>
    <button class="small" aria-pressed=${now.toScale} onClick=${() => ui({ toScale: !now.toScale })} title="Distances as those of time, instead of one step an event">Time to scale <kbd>T</kbd></button>
    ${state().mode === 'stream' ? html`<button class="small" onClick=${() => trace(sandboxPath(state().sandbox) + '/trace')} title="Save a trace of all this, to be opened in Perfetto">Trace</button>` : null}
    <button class="small" onClick=${() => zoom(1 / 1.4)} aria-label="Zoom out">−</button>
    <button class="small" onClick=${() => zoom(1.4)} aria-label="Zoom in">+</button>
  </div>`;
}

function Left() {
  const now = state();
  const scenario = chosen();
  if (!scenario) return html`<${ScenarioList} scenarios=${now.scenarios} onChoose=${choose} />`;
  const occupied = now.look.vms.length + now.look.eventfds.length > 0;
  return html`<${ScenarioView} scenario=${scenario} run=${now.run} sandbox=${now.sandbox} occupied=${occupied} linked=${now.linkedStep} onStart=${start} onNext=${nextPart} onPlay=${play} onTrace=${trace} onBack=${() => choose(undefined)} />`;
}

function App() {
  const [now, setNow] = useState(state());
  useEffect(() => store.subscribe(setNow), []);
  const path = sandboxPath(now.sandbox);
  return html`
    <${Top} now=${now} onOpen=${open} />
    ${now.needsToken ? html`<${Token} onToken=${useToken} wrong=${api.token !== ''} />` : null}
    ${now.trouble || now.failed ? html`<p class="trouble" role="alert">${now.trouble ?? now.failed} ${now.failed ? html`<button class="small" onClick=${() => set({ failed: undefined })}>Dismiss</button>` : null}</p>` : null}
    <main>
      <div class="left panel">
        <${Tabs} id="left" label="What to do" tabs=${[
          ['Scenarios', () => html`<${Left} />`],
          ['By hand', () => html`<${Drive} look=${now.look} points=${now.points} act=${act} path=${path} />`],
        ]} />
      </div>
      <section class="middle panel" aria-label="Threads">
        <${LaneTools} />
        <${Lanes} events=${now.events} ui=${now.ui} onUi=${ui} onRelease=${release} breakpoints=${now.look.breakpoints} mode=${now.mode} />
      </section>
      <div class="right panel">
        <${Tabs} id="right" label="What there is" tabs=${[
          ['State', () => html`<${State} look=${now.look} act=${act} path=${path} onRelease=${release} />`],
          ['Chips', () => html`<${Chips} chips=${now.look.chips} act=${act} path=${path} />`],
        ]} />
      </div>
      <div class="bottom panel">
        <${Tabs} id="bottom" label="What has happened" tabs=${[
          ['Calls', () => html`<${Calls} calls=${now.calls} />`],
          ['Events', () => html`<${EventLog} events=${now.events} ui=${now.ui} onUi=${ui} />`],
          ['Grace periods', () => html`<${Histogram} stats=${now.look.stats} />`],
        ]} />
      </div>
    </main>
    <p class="unseen" role="status" aria-live="polite">${now.said}</p>`;
}

const page = document.getElementById('page');
page.replaceChildren();
render(html`<${App} />`, page);
facts();
lookNow();
