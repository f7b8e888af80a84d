/**
 * Swim lanes, made of events: a lane a thread; spans, moments and arrows at columns, one an event.
 * Nothing here draws.
 */

/** What a span is called by the first part of its id. */
const SPANS = {
  section: 'read section',
  lock: 'kvm->lock',
  flush: 'flush',
  grace: 'grace period',
  hold: 'held',
  'at-once': 'message at once',
};

/** What a moment is called where the event's own name says it less well. */
const MOMENTS = {
  'vm-opened': 'VM opened',
  'vm-closing': 'VM closing',
  'vm-released': 'VM freed',
  'release-begin': 'detach irqfds',
  'vm-put': 'drop VM',
  'eventfd-opened': 'eventfd opened',
  'eventfd-signalled': 'signal',
  'eventfd-closed': 'eventfd closed',
  'irqfd-assigned': 'bound',
  'irqfd-deassigned': 'unbound',
  'irqfd-unhooked': 'unhooked',
  'irqfd-disconnected': 'pointer := null',
  'irqfd-unlisted': 'off the list',
  'irqfd-freed': 'irqfd freed',
  'irqfd-resampled': 'resampled',
  'signal-queued': 'queued',
  'inject-dereferenced': 'has the VM',
  'inject-skipped': 'finds null',
  'line-raised': 'line 1',
  'line-set': 'line set',
  'inject-end': 'outcome',
  'grace-flipped': 'ranks flipped',
  'breakpoint-released': 'released',
  'breakpoint-expired': 'hold expired',
  'sandbox-reset': 'reset',
  gap: 'events lost',
};

/** Roles from who asks to who cleans up, as a signal and a close travel. */
const ORDER = ['request', 'writer', 'injector', 'inject', 'closer', 'cleanup'];

/** What the threads are, in words. */
export const ROLES = {
  request: 'calls that make and bind',
  writer: 'write(2) to an eventfd',
  injector: 'injects',
  // As the thread is called in a run that was explored.
  inject: 'injects',
  closer: 'close(2)',
  cleanup: 'tears down',
};

/** A moment's or a span's name, with what matters most of its detail. */
export function label(event) {
  const detail = event.detail ?? {};
  const name = MOMENTS[event.type] ?? event.type.replaceAll('-', ' ');
  switch (event.type) {
    case 'inject-end':
      return detail.outcome ?? name;
    case 'eventfd-signalled':
      return event.signal ? `${name} ${event.signal}` : name;
    case 'line-set':
      return detail.level === undefined ? name : `line ${detail.level}`;
    case 'vm-closing':
    case 'vm-put':
      return detail.refs === undefined ? name : `${name}, refs ${detail.refs}`;
    case 'gap':
      return detail.from === undefined ? name : `events ${detail.from} to ${detail.to} lost`;
    default:
      return name;
  }
}

function spanName(event, kind) {
  const name = SPANS[kind] ?? kind;
  if (kind === 'hold') return `held at ${event.point ?? event.detail?.breakpoint ?? ''}`;
  return name;
}

function rank(role) {
  const at = ORDER.indexOf(role.replace(/-\d+$/, ''));
  return at < 0 ? ORDER.length : at;
}

/** The newest events, and before them the beginnings of what was not over then. */
export function newestOf(events, most) {
  if (events.length <= most) return events;
  const cut = events.length - most;
  const open = new Map();
  for (const event of events.slice(0, cut)) {
    if (event.phase === 'begin') open.set(event.span, event);
    else if (event.phase === 'end') open.delete(event.span);
  }
  return [...open.values(), ...events.slice(cut)];
}

/**
 * Lanes of events in the order of their numbers.
 *
 * @returns {lanes, spans, moments, arrows, columns}: a lane is {name, role, depth}, a span {lane,
 *   depth, from, to, open, kind, name, event}, a moment {lane, at, name, mark, event}, an arrow
 *   {kind, from: {lane, at}, to: {lane, at}}
 */
export function lanesOf(events) {
  const lanes = [];
  const laneOfTid = new Map();
  const open = new Map();
  const openIn = new Map();
  const spans = [];
  const moments = [];
  const arrows = [];
  const signals = new Map();

  // Two threads of one role at once get a lane each; one after the other they share it.
  function laneOf(event) {
    const role = event.thread ?? 'request';
    const key = role + '/' + (event.tid ?? '');
    const known = laneOfTid.get(key);
    if (known && (known.tid === event.tid || (openIn.get(known)?.length ?? 0) === 0)) {
      known.tid = event.tid;
      return known;
    }
    let free = lanes.find(
      (lane) => lane.thread === role && ((openIn.get(lane)?.length ?? 0) === 0 || lane.tid === event.tid),
    );
    if (!free) {
      const twins = lanes.filter((lane) => lane.thread === role).length;
      free = {
        thread: role,
        name: twins === 0 ? role : `${role} (${twins + 1})`,
        role: role.replace(/-\d+$/, ''),
        depth: 0,
      };
      lanes.push(free);
    }
    free.tid = event.tid;
    laneOfTid.set(key, free);
    return free;
  }

  function end(span, at) {
    span.to = at;
    span.open = false;
    open.delete(span.event.span);
    const inside = openIn.get(span.lane);
    inside.splice(inside.indexOf(span), 1);
  }

  events.forEach((event, at) => {
    const kind = event.span?.split('/')[0];
    if (event.phase === 'end') {
      const span = open.get(event.span);
      if (span) {
        end(span, at);
        // The end says something of its own: a mark, or how it came about.
        if (event.mark || !event.type.endsWith('-end')) {
          moments.push({ lane: span.lane, at, name: endName(event), mark: event.mark, event });
        }
        return;
      }
    }
    if (event.type === 'gap') {
      // What was under way may be over; whether a thread is held still, its breakpoint knows.
      for (const span of [...open.values()]) {
        if (span.kind === 'hold') span.unsure = true;
        else end(span, at);
      }
    }
    const lane = laneOf(event);
    if (event.phase === 'begin') {
      const inside = openIn.get(lane) ?? [];
      let depth = 0;
      while (inside.some((other) => other.depth === depth)) depth++;
      const span = { lane, depth, from: at, to: at, open: true, kind, name: spanName(event, kind), event };
      lane.depth = Math.max(lane.depth, depth + 1);
      spans.push(span);
      open.set(event.span, span);
      openIn.set(lane, [...inside, span]);
      // One injection serves all signals of its irqfd that came before; the arrow is the last one's.
      const cause = signals.has(event.signal) ? event.signal : event.irqfd;
      if (kind === 'section' && signals.has(cause)) {
        arrows.push({ kind: 'signal', from: signals.get(cause), to: { lane, at } });
        signals.delete(event.irqfd);
      }
      if (event.mark) moments.push({ lane, at, name: '', mark: event.mark, event });
      return;
    }
    moments.push({ lane, at, name: label(event), mark: event.mark, event });
    if (event.type === 'eventfd-signalled' || event.type === 'signal-queued') {
      const point = { lane, at };
      if (event.signal) signals.set(event.signal, point);
      if (event.irqfd) signals.set(event.irqfd, point);
    }
  });

  for (const span of open.values()) span.to = events.length;
  // Whom a grace period waits for: whoever is in a read section of that irqfd.
  for (const grace of open.values()) {
    if (grace.kind !== 'grace') continue;
    for (const reader of open.values()) {
      if (reader.kind === 'section' && reader.event.irqfd === grace.event.irqfd) {
        arrows.push({
          kind: 'waits',
          from: { lane: grace.lane, at: events.length },
          to: { lane: reader.lane, at: events.length },
        });
      }
    }
  }
  lanes.sort((a, b) => rank(a.thread) - rank(b.thread) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  return { lanes, spans, moments, arrows, columns: events.length };
}

function endName(event) {
  return event.type.startsWith('breakpoint-') ? label(event) : '';
}

/** Spans of threads that are held now; where events are missing, those that a breakpoint confirms. */
export function heldSpans(model, breakpoints) {
  const holds = (span) => breakpoints.some((one) => one.id === breakpointOf(span) && one.parked.length > 0);
  return model.spans.filter((span) => span.open && span.kind === 'hold' && (!span.unsure || holds(span)));
}

/** The breakpoint that a hold's span belongs to. */
export function breakpointOf(span) {
  return span.event.detail?.breakpoint ?? span.event.span.split('/')[1];
}

/** Where each column is: as steps they have equal distances; to scale, those of time. */
export function positions(events, { toScale, step }) {
  const xs = [];
  if (!toScale || events.length < 2) {
    for (let i = 0; i <= events.length; i++) xs.push((i + 0.5) * step);
    return xs;
  }
  const nanos = (event) => event.nanos ?? 0;
  const whole = Math.max(1, nanos(events.at(-1)) - nanos(events[0]));
  const width = events.length * step;
  for (const event of events) {
    xs.push(step / 2 + ((nanos(event) - nanos(events[0])) / whole) * width);
  }
  xs.push(xs.at(-1) + step);
  return xs;
}
