/** Goes through a walk: one step after the other, each call as a person would make it. */
import { sandboxPath } from './api.js';

/** What of an answer is not as expected; empty when all is. */
export function faults(call, answer) {
  const wrong = [];
  if (call.status !== undefined && answer.status !== call.status) {
    wrong.push(`status ${answer.status} instead of ${call.status}: ${answer.body?.detail ?? ''}`);
  }
  for (const [member, value] of Object.entries(call.expect ?? {})) {
    const observed = answer.body?.[member];
    if (JSON.stringify(observed) !== JSON.stringify(value)) {
      wrong.push(`${member} is ${JSON.stringify(observed)} instead of ${JSON.stringify(value)}`);
    }
  }
  return wrong;
}

export function filled(path, sandbox) {
  return path.replace('{S}', sandboxPath(sandbox));
}

export class Walk {
  /** @param store where progress is shown, as walk: {name, next, results, busy, failed} */
  constructor(api, store) {
    this.api = api;
    this.store = store;
  }

  /** Empties the sandbox, or makes it, and stands before the first step. */
  async start(walk) {
    const path = sandboxPath(this.store.state.sandbox);
    this.store.set({ walk: { name: walk.name, next: 0, results: [], busy: true } });
    const found = await this.api.get(path);
    const answer =
      found.status === 404
        ? await this.api.make(this.store.state.sandbox)
        : await this.api.act('POST', path + '/reset');
    this.store.set({
      walk: {
        name: walk.name,
        next: 0,
        results: [],
        busy: false,
        failed: answer.ok ? undefined : (answer.body.detail ?? `status ${answer.status}`),
      },
    });
    return answer.ok;
  }

  /** Makes the calls of the next step. */
  async next(walk) {
    const before = this.store.state.walk;
    if (!before || before.busy || before.failed || before.next >= walk.steps.length) return;
    const step = walk.steps[before.next];
    this.store.set({ walk: { ...before, busy: true } });
    const calls = [];
    let failed;
    for (const call of step.calls) {
      const answer = await this.api.act(call.method, filled(call.path, this.store.state.sandbox), call.body);
      const wrong = faults(call, answer);
      calls.push({ ok: wrong.length === 0, wrong, answer });
      if (wrong.length > 0) {
        failed = wrong.join('; ');
        break;
      }
    }
    this.store.set({
      walk: {
        ...before,
        busy: false,
        failed,
        next: before.next + (failed ? 0 : 1),
        results: [...before.results, calls],
      },
    });
  }
}
