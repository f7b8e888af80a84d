/** Where events come from: the stream; or pages, where no further stream is given. */
import { sandboxPath } from './api.js';

const PAGE_MILLIS = 500;
const FIRST_RETRY_MILLIS = 300;
const LAST_RETRY_MILLIS = 4000;

/** One frame of a stream: {id, event, data}. */
function frame(lines) {
  const one = { event: 'message', data: '' };
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') one.data += value;
    else if (field === 'id' || field === 'event') one[field] = value;
  }
  return one;
}

export class Events {
  /**
   * @param api sends the token
   * @param heard {events(list), restart(), mode(text), ended(reason)}
   */
  constructor(api, heard) {
    this.api = api;
    this.heard = heard;
    this.life = 0;
    /** Whether it follows nothing. */
    this.idle = true;
    /** How events come now. */
    this.mode = 'connecting';
  }

  say(mode) {
    this.mode = mode;
    this.heard.mode(mode);
  }

  stop() {
    this.life++;
    this.idle = true;
    this.abort?.abort();
  }

  /** Follows a sandbox until told to stop or to follow another one. */
  async follow(sandbox) {
    this.stop();
    const life = this.life;
    this.idle = false;
    await this.untilStopped(sandbox, life);
    if (life === this.life) this.idle = true;
  }

  async untilStopped(sandbox, life) {
    const path = sandboxPath(sandbox) + '/events';
    let last = null;
    let log = null;
    let retry = FIRST_RETRY_MILLIS;
    while (life === this.life) {
      const abort = new AbortController();
      this.abort = abort;
      try {
        const seen = last === null ? {} : { 'last-event-id': String(last) };
        const of = log === null ? '' : `&log=${log}`;
        const response = await fetch(`${path}?detail=true${of}`, {
          headers: this.api.headers({ accept: 'text/event-stream', ...seen }),
          signal: abort.signal,
        });
        const type = response.headers.get('content-type') ?? '';
        if (response.ok && type.startsWith('text/event-stream')) {
          this.say('stream');
          log = response.headers.get('event-log');
          retry = FIRST_RETRY_MILLIS;
          const end = await this.read(response.body, life, (seq) => (last = seq));
          if (end === 'ended') {
            this.heard.ended();
            return;
          }
        } else {
          abort.abort();
          if (response.status === 409 || response.status === 429) {
            this.say('pages');
            [last, log] = await this.page(path, life, last, log);
          } else if (response.status === 401 || response.status === 404) {
            // Followed again when the state can be looked at again.
            this.say('lost');
            return;
          }
        }
      } catch {
        // Aborted, or the server is gone; both are looked at below.
      }
      if (life !== this.life) return;
      this.say('lost');
      await new Promise((resolve) => setTimeout(resolve, retry));
      retry = Math.min(retry * 2, LAST_RETRY_MILLIS);
    }
  }

  async read(body, life, at) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    let lines = [];
    for (;;) {
      const { value, done } = await reader.read();
      if (done || life !== this.life) return 'cut';
      const parts = (rest + value).split('\n');
      rest = parts.pop();
      const events = [];
      for (const part of parts) {
        const line = part.replace(/\r$/, '');
        if (line !== '') {
          if (!line.startsWith(':')) lines.push(line);
          continue;
        }
        const one = frame(lines);
        lines = [];
        if (one.id) at(Number(one.id));
        if (!one.data) continue;
        const data = JSON.parse(one.data);
        if (one.event === 'bye') {
          if (events.length > 0) this.heard.events(events);
          return data.reason;
        }
        if (one.event === 'restart') this.heard.restart();
        else if (one.event === 'gap') events.push({ type: 'gap', seq: data.to, detail: data });
        else events.push(data);
      }
      if (events.length > 0) this.heard.events(events);
    }
  }

  /** Pages until told to stop, or until there is no answer; returns what is known then. */
  async page(path, life, known, knownLog) {
    let last = known ?? 0;
    let log = knownLog;
    while (life === this.life) {
      const of = log === null ? '' : `&log=${log}`;
      const answer = await this.api.get(`${path}?after=${last}${of}&pageSize=1000`);
      if (life !== this.life) break;
      if (answer.status === 410) {
        // The server or the sandbox began anew.
        this.heard.restart();
        last = 0;
        log = null;
        continue;
      }
      if (!answer.ok) break;
      const { items, next, newest, gap } = answer.body;
      log = answer.body.log;
      if (gap) this.heard.events([{ type: 'gap', seq: gap.to, detail: gap }]);
      if (items.length > 0) this.heard.events(items);
      last = next;
      if (next >= newest) await new Promise((resolve) => setTimeout(resolve, PAGE_MILLIS));
    }
    return [last, log];
  }
}
