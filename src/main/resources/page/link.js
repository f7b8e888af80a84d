/** What a link carries: the sandbox, the scenario and the step that were looked at. */

export function read(hash) {
  const match = /^#\/sandboxes\/([^?]+)(?:\?(.*))?$/.exec(hash);
  if (!match) return {};
  const query = new URLSearchParams(match[2] ?? '');
  const step = Number.parseInt(query.get('step') ?? '', 10);
  let sandbox;
  try {
    sandbox = decodeURIComponent(match[1]);
  } catch {
    return {};
  }
  return {
    sandbox,
    scenario: query.get('scenario') ?? undefined,
    step: Number.isInteger(step) && step >= 0 ? step : undefined,
  };
}

export function write({ sandbox, scenario, step }) {
  const query = new URLSearchParams();
  if (scenario) query.set('scenario', scenario);
  if (step !== undefined) query.set('step', String(step));
  const text = query.toString();
  return '#/sandboxes/' + encodeURIComponent(sandbox) + (text ? '?' + text : '');
}
