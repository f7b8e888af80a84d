import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { curlLine } from './api.js';
import { label } from './lanes.js';
import { nanos } from './state-view.js';

/** The text of an answer that fits on a line. */
function brief(answer) {
  if (!answer) return '…';
  const { status, body } = answer;
  if (status === 0) return body.detail;
  if (body?.errno) return `${status} ${body.errno}: ${body.detail}`;
  return `${status} ${JSON.stringify(body)}`;
}

function Copy({ text }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Plain HTTP has no clipboard.
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return html`<button class="small copy" onClick=${copy} title="Copy this curl line">${copied ? 'Copied' : 'Copy'}</button>`;
}

/** The calls that this page has made, as somebody at a terminal would. */
export function Calls({ calls }) {
  const end = useRef(null);
  useEffect(() => {
    const list = end.current;
    if (list) list.scrollTop = list.scrollHeight;
  }, [calls.length]);
  if (calls.length === 0) return html`<p class="none">Each action appears here as the curl line that does the same.</p>`;
  return html`<ol class="calls-log scrolled" ref=${end} tabindex="0" aria-label="Calls">
    ${calls.map(
      (call) => html`<li key=${call.number}>
        <div class="line"><${Copy} text=${curlLine(call)} /><code>${curlLine(call)}</code></div>
        <div class=${'answer ' + (call.answer && !call.answer.ok ? 'refused' : '')}>${brief(call.answer)}</div>
      </li>`,
    )}
  </ol>`;
}

/** The event log in words; choosing one shows it in the lanes. */
export function EventLog({ events, ui, onUi }) {
  const [filter, setFilter] = useState('');
  const box = useRef(null);
  const words = (event) =>
    [event.thread, event.type, event.vm, event.irqfd, event.eventfd, event.signal, event.mark, event.point].filter(Boolean).join(' ');
  const shown = events.filter((event) => filter === '' || words(event).includes(filter)).slice(-300);
  useEffect(() => {
    if (box.current && !ui.paused) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.length]);
  return html`<div class="log">
    <label class="field"><span>Show events with</span> <input value=${filter} onInput=${(e) => setFilter(e.target.value.trim())} placeholder="grace, vm-1, writer …" /></label>
    <div class="scrolled" ref=${box} tabindex="0" role="region" aria-label="Events">
      <table><thead><tr><th scope="col">#</th><th scope="col">time</th><th scope="col">thread</th><th scope="col">event</th><th scope="col">about</th></tr></thead>
      <tbody>${shown.map(
        (event) => html`<tr key=${event.seq} class=${event.seq === ui.selected ? 'chosen' : ''}>
          <td><button class="link" onClick=${() => onUi({ selected: event.seq, paused: true })} aria-label=${`Show event ${event.seq} in the lanes`}>${event.seq}</button></td>
          <td class="right">${event.nanos === undefined ? '' : nanos(event.nanos)}</td><td>${event.thread ?? ''}</td>
          <td>${event.mark ? html`<b class="mark">${event.mark}</b> ` : null}${event.type}${event.phase ? html` <small>${event.phase}</small>` : null}</td>
          <td>${[event.vm, event.irqfd, event.eventfd, event.signal].filter(Boolean).join(' ')} ${label(event) === event.type.replaceAll('-', ' ') ? '' : label(event)}</td></tr>`,
      )}</tbody></table>
    </div>
  </div>`;
}

/** How long grace periods took, from the buckets of the sandbox's numbers. */
export function Histogram({ stats }) {
  const buckets = Object.entries(stats.gracePeriodBuckets ?? {});
  const count = stats.gracePeriods?.count ?? 0;
  if (count === 0) return html`<p class="none">No grace period has ended yet. One that has to wait for a held reader shows here as a long bar's tail.</p>`;
  const counts = perBucket(buckets);
  const most = Math.max(...counts.map(([, value]) => value), 1);
  const words = counts.filter(([, value]) => value > 0).map(([name, value]) => `${name}: ${value}`).join(', ');
  return html`<div class="histogram-box"><div class="histogram" role="img" aria-label=${`Grace periods by length. ${words}`}>
    ${counts.map(([name, value]) => html`<div class="column"><span class="count">${value || ''}</span><span class="fill" style=${{ height: (value / most) * 90 + 'px' }}></span><span class="edge">${name}</span></div>`)}
  </div>
  <p class="hint">${count} grace periods; half took at most ${nanos(stats.gracePeriods.p50Nanos)}, 99 in 100 at most ${nanos(stats.gracePeriods.p99Nanos)}, the longest ${nanos(stats.gracePeriods.maxNanos)}.</p></div>`;
}

/** The buckets count everything up to their edge; each column what lies between two edges. */
function perBucket(buckets) {
  let before = 0;
  return buckets.map(([edge, upTo]) => {
    const value = upTo - before;
    before = upTo;
    return [/^\d+$/.test(edge) ? '≤ ' + nanos(Number(edge)) : edge, value];
  });
}
