/** A scenario as it is told: its steps in parts, each of which is one click. */

/** The parts of a scenario; where it has none, each of its steps is one. */
export function partsOf(scenario) {
  const parts = [];
  const told = scenario.steps.some((step) => step.part);
  for (const step of scenario.steps) {
    if (!told) parts.push({ name: `Step ${step.n}`, title: step.text, code: [], steps: [step] });
    else if (step.part) parts.push({ ...step.part, steps: [step] });
    else parts.at(-1).steps.push(step);
  }
  return parts;
}

/** The marks of the 2009 patch that are passed in a part. */
export function marksOf(part) {
  return part.steps.map((step) => step.mark).filter(Boolean);
}

/** How many parts of a run are behind it; that with a fault is not. */
export function partsDone(parts, run) {
  const at = run.steps.find((step) => step.fault)?.n ?? run.next;
  return at ? parts.findLastIndex((part) => part.steps[0].n <= at) : parts.length;
}

/** First the one where newcomers begin, then those that are told in parts, then by name. */
export function inOrder(scenarios) {
  const rank = (one) => (one.name === 'five-steps' ? 0 : one.steps.some((step) => step.part) ? 1 : 2);
  return scenarios.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'));
}
