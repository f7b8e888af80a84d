import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { breakpointOf, heldSpans, label, lanesOf, newestOf, positions, ROLES } from './lanes.js';

const HEAD = 26;
const BAR = 20;
const PAD = 8;
const MARGIN = 150;
const LETTER = 6.4;

/** Distance of two events: as far as all of them fit, between these. */
const NEAREST = 24;
const FARTHEST = 46;

/** Events that can be drawn at once without the browser falling behind. */
const MOST = 600;

function height(lane) {
  return HEAD + Math.max(1, lane.depth) * BAR + PAD;
}

/** The lanes of the newest events, and who is held. */
export function Lanes({ events, ui, onUi, onRelease, breakpoints, mode }) {
  const shown = useMemo(() => newestOf(events, MOST), [events]);
  const model = useMemo(() => lanesOf(shown), [shown]);
  const scroll = useRef(null);
  const [room, setRoom] = useState(0);
  useEffect(() => {
    const box = scroll.current;
    if (!box) return undefined;
    const observer = new ResizeObserver(() => setRoom(box.clientWidth - MARGIN));
    observer.observe(box);
    return () => observer.disconnect();
  }, [model.lanes.length === 0]);
  const step = ui.zoom * Math.min(FARTHEST, Math.max(NEAREST, room / (shown.length + 1)));
  const xs = useMemo(() => positions(shown, { toScale: ui.toScale, step }), [shown, ui.toScale, step]);
  const tops = new Map();
  let total = 0;
  for (const lane of model.lanes) {
    tops.set(lane, total);
    total += height(lane);
  }
  const width = (xs.at(-1) ?? 0) + MARGIN;
  useEffect(() => {
    const box = scroll.current;
    if (!box || ui.paused) return;
    if (ui.selected === undefined) box.scrollLeft = box.scrollWidth;
  }, [shown.length, ui.toScale, step, ui.paused, model.lanes.length]);
  useEffect(() => {
    const at = shown.findIndex((event) => event.seq === ui.selected);
    if (at >= 0 && scroll.current) scroll.current.scrollLeft = xs[at] - scroll.current.clientWidth / 2;
  }, [ui.selected]);

  const drag = useRef(null);
  const dragging = {
    onPointerDown: (e) => {
      if (e.button !== 0 || e.pointerType !== 'mouse' || e.target.closest('button')) return;
      drag.current = { x: e.clientX, left: scroll.current.scrollLeft };
    },
    onPointerMove: (e) => {
      if (drag.current) scroll.current.scrollLeft = drag.current.left - (e.clientX - drag.current.x);
    },
    onPointerUp: () => (drag.current = null),
    onPointerLeave: () => (drag.current = null),
  };

  const held = heldSpans(model, breakpoints);
  if (model.lanes.length === 0) {
    return html`<div class="lanes-empty">
      <p>${mode === 'missing' ? 'Nothing has happened here yet.' : 'No events yet.'}</p>
      <p>Start a scenario, or make a VM and an eventfd by hand: every thread that takes part gets a lane here, time runs to the right.</p>
    </div>`;
  }
  return html`<div class="lanes">
    <div class="lane-names" aria-hidden="true">
      ${model.lanes.map(
        (lane) => html`<div class="lane-name" style=${{ height: height(lane) + 'px' }}>
          <b>${lane.name}</b><span>${ROLES[lane.role] ?? ''}</span>
        </div>`,
      )}
    </div>
    <div class="lane-scroll" ref=${scroll} tabindex="0" role="region" aria-label="Swim lanes: a lane a thread, time to the right. The events below say the same in words." ...${dragging}>
      <div class="lane-field" style=${{ width: width + 'px', height: total + 'px' }}>
        ${model.lanes.map(
          (lane, i) => html`<div class=${'lane-row' + (i % 2 ? ' odd' : '')} style=${{ top: tops.get(lane) + 'px', height: height(lane) + 'px' }}></div>`,
        )}
        ${model.spans.filter((span) => !span.unsure || !span.open || held.includes(span)).map((span) => html`<${Bar} span=${span} xs=${xs} top=${tops.get(span.lane)} />`)}
        <svg class="arrows" width=${width} height=${total} aria-hidden="true">
          <defs>
            ${['signal', 'waits'].map(
              (kind) => html`<marker id=${'head-' + kind} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class=${kind} d="M0 0L8 4L0 8z" /></marker>`,
            )}
          </defs>
          ${model.arrows.map((arrow) => html`<${Arrow} arrow=${arrow} xs=${xs} tops=${tops} />`)}
        </svg>
        ${moments(model, xs).map(
          ({ moment, room }) => html`<${Moment} moment=${moment} room=${room} x=${xs[moment.at]} top=${tops.get(moment.lane)} chosen=${moment.event.seq === ui.selected} onChoose=${() => onUi({ selected: moment.event.seq })} />`,
        )}
        ${held.map((span) => {
          const id = breakpointOf(span);
          const place = breakpoints.find((one) => one.id === id);
          const top = tops.get(span.lane) + HEAD + span.depth * BAR - 5;
          return html`<button class="release" style=${{ left: xs.at(-1) + 6 + 'px', top: top + 'px' }} onClick=${() => onRelease(id)} aria-label=${`Release ${span.lane.name}, held at ${span.event.point ?? place?.point ?? id}`}>
            <span class="pulse" aria-hidden="true"></span>Release
          </button>`;
        })}
      </div>
    </div>
  </div>`;
}

function Bar({ span, xs, top }) {
  const left = xs[span.from];
  const right = span.open ? xs.at(-1) : xs[span.to];
  const style = {
    left: left + 'px',
    width: Math.max(4, right - left) + 'px',
    top: top + HEAD + span.depth * BAR + 'px',
    height: BAR - 3 + 'px',
  };
  return html`<div class=${`bar ${span.kind}${span.open ? ' open' : ''}`} style=${style} title=${span.name}><span>${span.name}</span></div>`;
}

/** Where an arrow begins and ends: at the line of the moments, or at a bar's end. */
function Arrow({ arrow, xs, tops }) {
  const x1 = xs[arrow.from.at];
  const x2 = xs[arrow.to.at];
  const y1 = tops.get(arrow.from.lane) + (arrow.kind === 'waits' ? HEAD + BAR / 2 : 13);
  const y2 = tops.get(arrow.to.lane) + HEAD + (arrow.kind === 'waits' ? BAR / 2 : 0);
  const bend = arrow.kind === 'waits' ? 104 : Math.max(12, (x2 - x1) / 2);
  const path =
    arrow.kind === 'waits'
      ? `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 + bend} ${y2} ${x2 + 1} ${y2}`
      : `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  return html`<path class=${'arrow ' + arrow.kind} d=${path} marker-end=${`url(#head-${arrow.kind})`} />`;
}

/** How much room each moment has for its name: as far as the next one of its lane. */
function moments(model, xs) {
  const next = new Map();
  const list = [];
  for (const moment of model.moments.toReversed()) {
    const x = xs[moment.at];
    const room = (next.get(moment.lane) ?? x + 220) - x;
    next.set(moment.lane, x);
    list.push({ moment, room });
  }
  return list.reverse();
}

function Moment({ moment, room, x, top, chosen, onChoose }) {
  const { event } = moment;
  const mark = moment.mark ? moment.mark.replace(/[[\]]/g, '') : '';
  const space = room - (mark ? 24 : 14);
  const fits = moment.name && space >= Math.min(moment.name.length * LETTER, 46);
  const name = moment.name || label(event);
  const words = `${mark} ${name}, event ${event.seq}`.trim();
  return html`<button class=${'moment' + (chosen ? ' chosen' : '') + (mark ? ' marked' : '')} style=${{ left: x + 'px', top: top + 3 + 'px' }} title=${words} tabindex="-1" onClick=${onChoose}>
    <span class="dot">${mark}</span><span class=${fits ? 'name' : 'unseen'} style=${fits ? { maxWidth: space + 'px' } : {}}>${name}</span><span class="unseen">, event ${event.seq}</span>
  </button>`;
}
