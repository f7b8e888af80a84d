/** Runs a scenario on the server, part by part, and shows its calls as those that a person could make. */
import { sandboxPath } from './api.js';
import { partsDone, partsOf } from './parts.js';

export class Run {
  /** @param store where progress is shown, as run: that of the server, and {busy, fault} */
  constructor(api, store) {
    this.api = api;
    this.store = store;
  }

  get path() {
    return sandboxPath(this.store.state.sandbox);
  }

  /** Empties the sandbox, or makes it, and stands before the first step. */
  async start(scenario) {
    this.store.set({ run: { name: scenario.name, steps: [], busy: true } });
    const found = await this.api.get(this.path);
    const emptied =
      found.status === 404
        ? await this.api.make(this.store.state.sandbox)
        : await this.api.act('POST', this.path + '/reset');
    if (!emptied.ok) return this.refused(scenario, emptied);
    const begun = await this.api.send({
      method: 'POST',
      path: `${this.path}/scenarios/${encodeURIComponent(scenario.name)}/run?pace=step`,
    });
    if (!begun.ok) return this.refused(scenario, begun);
    this.store.set({ run: begun.body });
    return true;
  }

  refused(scenario, answer) {
    const fault = answer.body.detail ?? `status ${answer.status}`;
    this.store.set({ run: { name: scenario.name, steps: [], fault } });
    return false;
  }

  /** Takes the steps of the next part; after a fault, those that clean up. */
  async nextPart(scenario) {
    let run = this.store.state.run;
    if (run?.name !== scenario.name || run.busy || !run.next) return;
    const parts = partsOf(scenario);
    const at = partsDone(parts, run);
    while (run.next && (run.verdict === 'FAILED' || partsDone(parts, run) === at)) {
      this.store.set({ run: { ...run, busy: true } });
      const answer = await this.api.send({ method: 'POST', path: `${this.path}/scenarios/runs/${run.id}/next` });
      if (!answer.ok) {
        this.store.set({ run: { ...run, busy: false, fault: answer.body.detail } });
        return;
      }
      this.tell(run, answer.body);
      run = answer.body;
    }
    this.store.set({ run });
  }

  /** The calls that the server has made. */
  tell(before, after) {
    for (const step of after.steps) {
      const known = before.steps.some((one) => one.n === step.n && one.ok !== undefined);
      if (step.ok === undefined || known) continue;
      const { method, path, body } = step.call;
      const ok = step.status >= 200 && step.status < 300;
      this.api.tell({ method, path, body, answer: { status: step.status, ok, body: step.observed } });
    }
  }
}
