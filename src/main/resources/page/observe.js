/**
 * Events of a server that does not tell them: what has changed between two looks at a sandbox. They
 * have the form of the event log's, and less in them: what begins and ends between two looks is not
 * seen.
 */
import { IRQFD_STATES, NOTHING } from './looks.js';

export class Observer {
  constructor() {
    this.markOf = new Map();
    this.restart();
  }

  /** Marks of the 2009 patch by points, as GET /v1/points tells them. */
  marks(points) {
    this.markOf = new Map(points.map((point) => [point.name, point.mark]));
  }

  restart() {
    this.seq = 0;
    this.began = performance.now();
    this.seen = undefined;
    this.sections = new Set();
    this.graces = new Set();
  }

  event(type, more) {
    return {
      seq: ++this.seq,
      nanos: Math.round((performance.now() - this.began) * 1e6),
      at: new Date().toISOString(),
      type,
      ...more,
    };
  }

  /** The events that lead from the look before to this one. */
  look(now) {
    const before = this.seen ?? NOTHING;
    this.seen = now;
    const events = [];
    const was = (list, one) => before[list].find((other) => other.id === one.id);
    for (const vm of now.vms) {
      const old = was('vms', vm);
      if (!old) events.push(this.event('vm-opened', { vm: vm.id, thread: 'request' }));
    }
    for (const eventfd of now.eventfds) {
      if (!was('eventfds', eventfd)) {
        events.push(this.event('eventfd-opened', { eventfd: eventfd.id, thread: 'request' }));
      }
    }
    for (const irqfd of now.irqfds) {
      if (!was('irqfds', irqfd)) events.push(this.event('irqfd-assigned', { ...ids(irqfd), thread: 'request' }));
    }
    const signals = (now.stats.signals ?? 0) - (before.stats.signals ?? 0);
    if (signals > 0) {
      const bound = now.irqfds.filter((irqfd) => irqfd.state === 'ACTIVE');
      const name = bound.length === 1 ? { ...ids(bound[0]), thread: 'writer' } : { thread: 'writer' };
      events.push(this.event('eventfd-signalled', { ...name, signal: signals === 1 ? undefined : `× ${signals}` }));
    }
    for (const vm of now.vms) {
      if (vm.state !== 'OPEN' && was('vms', vm)?.state === 'OPEN') {
        events.push(this.event('vm-closing', { vm: vm.id, thread: 'closer', detail: { refs: vm.refs } }));
      }
    }
    this.released(before, now, events);
    for (const [outcome, count] of Object.entries(now.stats.outcomes ?? {})) {
      const more = count - (before.stats.outcomes?.[outcome] ?? 0);
      if (more > 0) {
        const detail = { outcome: more === 1 ? outcome : `${outcome} × ${more}` };
        events.push(this.event('inject-end', { thread: 'injector-1', detail }));
      }
    }
    this.ends(before, now, events);
    this.parked(before, now, events);
    for (const vm of now.vms) {
      const old = was('vms', vm);
      if (vm.state === 'RELEASED' && old && old.state !== 'RELEASED') {
        events.push(this.event('vm-released', { vm: vm.id, thread: 'cleanup-1' }));
      }
    }
    for (const eventfd of before.eventfds) {
      if (!now.eventfds.some((other) => other.id === eventfd.id)) {
        events.push(this.event('eventfd-closed', { eventfd: eventfd.id, thread: 'closer' }));
      }
    }
    return events;
  }

  released(before, now, events) {
    const held = holds(now);
    for (const one of holds(before)) {
      if (held.some((other) => other.key === one.key)) continue;
      const thread = role(one);
      events.push(
        this.event('breakpoint-released', { thread, phase: 'end', span: `hold/${one.key}`, point: one.point }),
      );
      if (this.sections.delete(one.key)) {
        events.push(this.event('section-end', { thread, phase: 'end', span: `section/${one.key}` }));
      }
    }
  }

  parked(before, now, events) {
    for (const one of holds(now)) {
      if (holds(before).some((other) => other.key === one.key)) continue;
      const thread = role(one);
      if (one.holds.some((what) => what.startsWith('srcu'))) {
        this.sections.add(one.key);
        const irqfd = now.irqfds.find((other) => other.state !== 'FREED')?.id;
        const span = `section/${one.key}`;
        events.push(this.event('inject-begin', { thread, phase: 'begin', span, irqfd, signal: one.signal }));
      }
      // Whoever stands there has its grace period behind it.
      if (one.point === 'sync.end') this.endGraces(events);
      events.push(
        this.event('breakpoint-parked', {
          thread,
          mark: one.point === 'sync.end' ? undefined : this.markOf.get(one.point),
          phase: 'begin',
          span: `hold/${one.key}`,
          point: one.point,
          detail: { breakpoint: one.breakpoint },
        }),
      );
    }
  }

  endGraces(events) {
    for (const irqfd of this.graces) {
      const about = { irqfd, thread: 'cleanup-1', phase: 'end', span: 'grace/' + irqfd };
      events.push(this.event('grace-end', { ...about, mark: this.markOf.get('sync.end') }));
    }
    this.graces.clear();
  }

  /** The stages that irqfds went through on their way to the end. */
  ends(before, now, events) {
    // With its VM an irqfd is gone from the lists.
    const gone = before.irqfds
      .filter((old) => old.state !== 'FREED' && !now.irqfds.some((other) => other.id === old.id))
      .map((old) => ({ ...old, state: 'FREED' }));
    for (const irqfd of [...now.irqfds, ...gone]) {
      const old = before.irqfds.find((other) => other.id === irqfd.id);
      if (!old || old.state === irqfd.state) continue;
      const thread = 'cleanup-1';
      const about = { ...ids(irqfd), thread };
      if (old.state === 'FLUSHING') {
        events.push(this.event('flush-end', { ...about, phase: 'end', span: 'flush/' + irqfd.id }));
      }
      if (old.state === 'GRACE') this.endGraces(events);
      const at = IRQFD_STATES.indexOf(irqfd.state);
      if (old.state !== 'GRACE' && old.state !== 'DISCONNECTED' && at >= IRQFD_STATES.indexOf('DISCONNECTED')) {
        events.push(this.event('irqfd-disconnected', { ...about, mark: '[2]' }));
      }
      if (irqfd.state === 'FLUSHING') {
        events.push(this.event('flush-begin', { ...about, phase: 'begin', span: 'flush/' + irqfd.id }));
      }
      if (irqfd.state === 'GRACE') {
        this.graces.add(irqfd.id);
        events.push(this.event('grace-begin', { ...about, phase: 'begin', span: 'grace/' + irqfd.id }));
      }
      if (irqfd.state === 'FREED') events.push(this.event('irqfd-freed', about));
    }
  }
}

/** The threads that are held at breakpoints. */
function holds(look) {
  return look.breakpoints.flatMap((one) =>
    one.parked.map((held) => ({ ...held, breakpoint: one.id, key: `${one.id}/${held.thread}` })),
  );
}

function ids(irqfd) {
  return { irqfd: irqfd.id, vm: irqfd.vm, eventfd: irqfd.eventfd, gsi: irqfd.gsi };
}

/** Injections are known by their signal; everything else that can be held ends something. */
function role(held) {
  return held.signal || held.point.startsWith('inject') ? `injector-${(held.cpu ?? 0) + 1}` : 'cleanup-1';
}
