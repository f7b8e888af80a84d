// virq for tests in JavaScript: a sandbox per test, exact waits, errors that carry the errno of Linux.
// For Node 20 or newer and for browsers; no dependency. The types and the documentation of each call
// are in virq.d.ts.

export class VirqError extends Error {
  constructor(status, problem) {
    const detail = problem.detail ?? '';
    // The server's sentence has durations of ISO 8601; the test gave a number.
    const units = /\bPT\d/.test(detail) ? ' (times of this helper are milliseconds)' : '';
    super(`${problem.errno ?? 'HTTP'} (${status}): ${detail}${units}`);
    this.name = 'VirqError';
    this.errno = problem.errno ?? '';
    this.status = status;
    this.detail = detail;
    this.problem = problem;
    this.heldBy = problem.heldBy ?? [];
    this.pending = problem.pending ?? [];
  }
}

export class LeakError extends Error {
  constructor(sandbox, leaked, held = []) {
    const kinds = Object.entries(leaked).filter(([, ids]) => ids.length > 0);
    const names = kinds.map(([kind, ids]) => `${kind} ${ids.join(' ')}`).join(', ');
    const still = held.map(
      ({ breakpoint, signal, thread, point }) => `; ${breakpoint} still held ${signal ?? thread} at ${point}: release it`,
    );
    super(`left open in sandbox ${sandbox}: ${names}${still.join('')}`);
    this.name = 'LeakError';
    this.leaked = leaked;
    this.held = held;
  }
}

/** A function for `test('name', …)` of node:test, Vitest, Jest or Mocha. */
export function withSandbox(body, options) {
  if (typeof body !== 'function') {
    throw wrong('withSandbox: body', 'a function that takes a sandbox', body);
  }
  const given = taken('withSandbox', options, ['name', 'virq', 'allowLeaks', 'ttl']);
  const { name = body.name, virq = connect(), ttl } = given;
  const allowLeaks = flag('allowLeaks', given.allowLeaks ?? false);
  // No parameter: some runners take one for a callback to wait for.
  return async () => {
    const sandbox = await virq.sandbox(name, { ttl });
    try {
      await body(sandbox);
    } catch (error) {
      // Whoever fails half-way has not closed everything, and the first failure is the one to show.
      await sandbox.end({ allowLeaks: true }).catch(() => {});
      throw error;
    }
    await sandbox.end({ allowLeaks });
  };
}

/** The server that the options name, or else the environment. */
export function connect(options) {
  const { url, token, prefix, patience } = taken('connect', options, ['url', 'token', 'prefix', 'patience']);
  const env = globalThis.process?.env ?? {};
  return new Virq({
    url: url ?? (env.VIRQ_URL || 'http://127.0.0.1:8080'),
    token: token ?? env.VIRQ_TOKEN,
    prefix: prefix ?? env.VIRQ_PREFIX,
    patience,
  });
}

export class Virq {
  #headers;
  #patience;

  constructor(options) {
    const known = ['url', 'token', 'prefix', 'patience'];
    const { url, token, prefix = '', patience = 30_000 } = taken('Virq', options, known);
    this.url = address(url);
    this.prefix = text('prefix', prefix);
    duration('patience', patience);
    this.#patience = patience;
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  async request(method, path, body, query, options) {
    const { ifMatch } = taken('request', options, ['ifMatch']);
    const headers = { ...this.#headers };
    if (ifMatch !== undefined) {
      headers['if-match'] = `"${ifMatch}"`;
    }
    if (body !== undefined) {
      headers['content-type'] = typeof body === 'string' ? 'text/plain' : 'application/json';
    }
    const parameters = new URLSearchParams(given(query ?? {})).toString();
    const url = this.url + path + (parameters && `?${parameters}`);
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body, exact);
    const giveUp = Date.now() + this.#patience;
    for (;;) {
      const { response, text } = await this.#send(url, { method, headers, body: content });
      const after = putOff(response);
      // Nothing has been done yet, so it may be asked again.
      if (after === undefined || Date.now() + after >= giveUp) {
        return answer(response, text);
      }
      await new Promise((over) => setTimeout(over, after));
    }
  }

  async #send(url, call) {
    try {
      // Longer than the server lets anything wait.
      const response = await fetch(url, { ...call, signal: AbortSignal.timeout(90_000) });
      return { response, text: await response.text() };
    } catch (error) {
      const cause = error.cause?.message ?? error.message;
      throw new Error(`no virq answers at ${this.url} (${cause}): start one, or set VIRQ_URL`, { cause: error });
    }
  }

  async sandbox(name = 'test', options) {
    const { ttl = 300_000 } = taken('sandbox', options, ['ttl']);
    const slug = text('name', name)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, '0');
    const unique = this.prefix + `${slug.slice(0, 54 - this.prefix.length)}-${random}`.replace(/^-/, '');
    const { uid } = await this.request('PUT', `/v1/sandboxes/${unique}`, { ttl: duration('ttl', ttl) });
    return new Sandbox(this, unique, uid);
  }
}

/** Milliseconds after which a call that was put off may be made again. */
function putOff(response) {
  const after = response.headers.get('retry-after');
  return [429, 503].includes(response.status) && /^\d+$/.test(after ?? '') ? 1000 * Number(after) : undefined;
}

function answer(response, text) {
  if (!response.ok) {
    throw new VirqError(response.status, problemOf(text, response.statusText));
  }
  if (response.headers.get('content-type')?.startsWith('application/x-ndjson')) {
    return text.split('\n').filter(Boolean).map(parse);
  }
  return text ? parse(text) : undefined;
}

export class Sandbox {
  #virq;
  #report;

  constructor(virq, name, uid) {
    this.#virq = virq;
    this.name = name;
    this.uid = uid;
  }

  async request(method, path, body, query) {
    const life = { ifMatch: this.uid };
    const answer = await this.#virq.request(method, `/v1/sandboxes/${this.name}${path}`, body, query, life);
    if (path === '/reset') {
      this.uid = answer.uid;
    }
    return answer;
  }

  async createVm(settings) {
    const { irqchip, reservedPins, name } = taken('createVm', settings, ['irqchip', 'reservedPins', 'name']);
    const body = { irqchip, reservedPins: integer('reservedPins', reservedPins), name };
    return new Vm(this, (await this.request('POST', '/vms', body)).id);
  }

  async createEventfd(settings) {
    const { initval = 0n, flags, name } = taken('createEventfd', settings, ['initval', 'flags', 'name']);
    const body = { initval: decimal('initval', initval), flags, name };
    const { id, fds } = await this.request('POST', '/eventfds', body);
    return new Eventfd(this, id, fds[0]);
  }

  async setBreakpoint(point, options) {
    const known = ['vm', 'irqfd', 'eventfd', 'gsi', 'skip', 'hits', 'maxHold', 'delay'];
    const { skip, hits, maxHold, delay, ...one } = taken('setBreakpoint', options, known);
    const match = given(targets(one));
    const body = {
      point: text('point', point),
      match: Object.keys(match).length > 0 ? match : undefined,
      action: delay === undefined ? undefined : 'DELAY',
      delay: duration('delay', delay),
      skip: integer('skip', skip),
      hits: integer('hits', hits, 1),
      maxHold: duration('maxHold', maxHold),
    };
    return new Breakpoint(this, (await this.request('POST', '/breakpoints', body)).id);
  }

  async getSignal(signal) {
    return unsigned(await this.request('GET', `/signals/${idOf('signal', SIGNAL, signal)}`), 'counterAfter');
  }

  async runScript(script) {
    return this.request('POST', '/scripts', text('script', script));
  }

  async wait(what, options) {
    const { timeout, atLeast, atMost, upToSeq, breakpoint, ...one } = taken('wait', options, WAITS);
    return this.request('POST', '/wait', {
      for: text('what', what),
      timeout: duration('timeout', timeout),
      ...targets(one),
      breakpoint: breakpoint === undefined ? undefined : idOf('breakpoint', BREAKPOINT, breakpoint),
      atLeast: integer('atLeast', atLeast),
      atMost: integer('atMost', atMost),
      upToSeq: integer('upToSeq', upToSeq),
    });
  }

  async waitSettled(options) {
    await this.wait('settled', taken('waitSettled', options, ['timeout', 'upToSeq']));
  }

  async waitParked(options) {
    await this.wait('parked', taken('waitParked', options, ['timeout']));
  }

  stats() {
    return this.request('GET', '/stats');
  }

  reset() {
    return this.request('POST', '/reset');
  }

  delete() {
    this.#report ??= this.request('DELETE', '');
    return this.#report;
  }

  async end(options) {
    const allowLeaks = flag('allowLeaks', taken('end', options, ['allowLeaks']).allowLeaks ?? false);
    // Asked while it can be: who is held is often why the rest is open.
    const held = allowLeaks || this.#report ? [] : await this.#held();
    const { leaked } = await this.delete();
    if (!allowLeaks && Object.values(leaked).some((ids) => ids.length > 0)) {
      throw new LeakError(this.name, leaked, held);
    }
  }

  async #held() {
    try {
      return (await this.request('GET', '/breakpoints')).items.flatMap(({ parked }) => parked ?? []);
    } catch (error) {
      if (error instanceof VirqError) {
        return [];
      }
      throw error;
    }
  }
}

export class Vm {
  #sandbox;
  #path;

  constructor(sandbox, id) {
    this.id = id;
    this.#sandbox = sandbox;
    this.#path = `/vms/${id}`;
  }

  get() {
    return this.#sandbox.request('GET', this.#path);
  }

  async assign(eventfd, gsi, options) {
    const { resample } = taken('assign', options, ['resample']);
    const body = { ...descriptor('eventfd', eventfd, 'eventfd', 'fd'), gsi: line(gsi) };
    if (resample !== undefined) {
      Object.assign(body, descriptor('resample', resample, 'resampleEventfd', 'resampleFd'), { flags: ['RESAMPLE'] });
    }
    return new Irqfd(this.#sandbox, (await this.#sandbox.request('POST', `${this.#path}/irqfds`, body)).id, this);
  }

  async gsi(gsi) {
    return this.#sandbox.request('GET', `${this.#path}/gsis/${line(gsi)}`);
  }

  async setLine(gsi, level) {
    const body = { level: needed('level', level, 0, 1) };
    return (await this.#sandbox.request('PUT', `${this.#path}/gsis/${line(gsi)}/line`, body)).status;
  }

  async createVcpu(id = 0) {
    await this.#sandbox.request('POST', `${this.#path}/vcpus`, { id: needed('id', id) });
    return new Vcpu(this.#sandbox, this, id);
  }

  async pin(pin) {
    return (await this.#sandbox.request('GET', `${this.#path}/irqchip`)).ioapic.pins[needed('pin', pin, 0, 23)];
  }

  async setPin(pin, entry) {
    const body = taken('setPin', entry, PIN);
    return this.#sandbox.request('PUT', `${this.#path}/irqchip/ioapic/pins/${needed('pin', pin, 0, 23)}`, body);
  }

  async waitInjected(gsi, options) {
    const counts = taken('waitInjected', options, COUNTS);
    const met = await this.#sandbox.wait('injected', { atLeast: 1, ...given(counts), vm: this.id, gsi: line(gsi) });
    return met.observed.injected;
  }

  async waitReleased(options) {
    const { timeout } = taken('waitReleased', options, ['timeout']);
    await this.#sandbox.wait('released', { vm: this.id, timeout });
  }

  async close(options) {
    return closed(this.#sandbox, this.#path, taken('close', options, ACTION));
  }
}

export class Eventfd {
  #sandbox;
  #path;

  constructor(sandbox, id, fd) {
    this.id = id;
    this.fd = fd;
    this.#sandbox = sandbox;
    this.#path = `/eventfds/${id}`;
  }

  async get() {
    return unsigned(await this.#sandbox.request('GET', this.#path), 'counter');
  }

  async signal(options) {
    const { value = 1n, ...waits } = taken('signal', options, ['value', ...ACTION]);
    const body = { value: decimal('value', value) };
    const query = waiting(false, waits);
    return unsigned(await this.#sandbox.request('POST', `${this.#path}/signal`, body, query), 'counterAfter');
  }

  async read(options) {
    const query = { timeout: duration('timeout', taken('read', options, ['timeout']).timeout) };
    return BigInt((await this.#sandbox.request('POST', `${this.#path}/read`, undefined, query)).value);
  }

  async dup() {
    return (await this.#sandbox.request('POST', `${this.#path}/dup`)).fd;
  }

  async close(options) {
    const { fd, ...waits } = taken('close', options, ['fd', ...ACTION]);
    return closed(this.#sandbox, fd === undefined ? this.#path : `/eventfds/${needed('fd', fd)}`, waits);
  }
}

export class Irqfd {
  #sandbox;

  constructor(sandbox, id, vm) {
    this.id = id;
    this.vm = vm;
    this.#sandbox = sandbox;
  }

  get() {
    return this.#sandbox.request('GET', `/irqfds/${this.id}`);
  }

  async waitInjected(options) {
    const counts = taken('waitInjected', options, COUNTS);
    const met = await this.#sandbox.wait('injected', { atLeast: 1, ...given(counts), irqfd: this.id });
    return met.observed.injected;
  }

  async waitReleased(options) {
    const { timeout } = taken('waitReleased', options, ['timeout']);
    await this.#sandbox.wait('released', { irqfd: this.id, timeout });
  }

  async close(options) {
    return closed(this.#sandbox, `/vms/${this.vm.id}/irqfds/${this.id}`, taken('close', options, ACTION));
  }
}

export class Vcpu {
  #sandbox;
  #path;

  constructor(sandbox, vm, id) {
    this.id = id;
    this.vm = vm;
    this.#sandbox = sandbox;
    this.#path = `/vms/${vm.id}/vcpus/${id}`;
  }

  get() {
    return this.#sandbox.request('GET', this.#path);
  }

  lapic() {
    return this.#sandbox.request('GET', `${this.#path}/lapic`);
  }

  async setLapic(registers) {
    return this.#sandbox.request('PUT', `${this.#path}/lapic`, taken('setLapic', registers, LAPIC));
  }

  async ack(options) {
    const pic = flag('pic', taken('ack', options, ['pic']).pic ?? false);
    const query = { from: pic ? 'pic' : undefined };
    return (await this.#sandbox.request('POST', `${this.#path}/ack`, undefined, query)).vector;
  }

  eoi() {
    return this.#sandbox.request('POST', `${this.#path}/eoi`);
  }
}

export class Breakpoint {
  #sandbox;
  #path;

  constructor(sandbox, id) {
    this.id = id;
    this.#sandbox = sandbox;
    this.#path = `/breakpoints/${id}`;
  }

  get() {
    return this.#sandbox.request('GET', this.#path);
  }

  async waitParked(options) {
    const { atLeast = 1, timeout } = taken('waitParked', options, ['atLeast', 'timeout']);
    await this.#sandbox.wait('parked', { breakpoint: this.id, atLeast, timeout });
  }

  async release(options) {
    const { threads = 'ALL' } = taken('release', options, ['threads']);
    if (threads !== 'ALL') {
      needed('threads', threads, 1);
    }
    await this.#sandbox.request('POST', `${this.#path}/release`, { threads });
  }

  async delete() {
    await this.#sandbox.request('DELETE', this.#path);
  }
}

/** Without the members that are undefined. */
function given(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

// Arguments. A wrong one is a TypeError that names it, before the server is asked; nothing is passed over.

const ACTION = ['wait', 'timeout'];
const COUNTS = ['atLeast', 'atMost', 'timeout'];
const WAITS = ['timeout', 'vm', 'gsi', 'irqfd', 'eventfd', 'breakpoint', 'atLeast', 'atMost', 'upToSeq'];
const PIN = ['vector', 'triggerMode', 'mask', 'destId', 'destMode', 'deliveryMode', 'polarity', 'remoteIrr'];
const LAPIC = ['id', 'svr', 'tpr', 'ldr', 'dfr', 'lvt0', 'lvt1', 'irr', 'isr', 'tmr'];

const VM = { name: 'a Vm', type: Vm, prefix: 'vm' };
const EVENTFD = { name: 'an Eventfd', type: Eventfd, prefix: 'efd' };
const IRQFD = { name: 'an Irqfd', type: Irqfd, prefix: 'irqfd' };
const BREAKPOINT = { name: 'a Breakpoint', type: Breakpoint, prefix: 'bp' };
const SIGNAL = { name: 'a signal', type: Object, prefix: 'sig' };

function wrong(what, needed, value) {
  let shown = typeof value === 'bigint' ? `${value}n` : String(value);
  if (typeof value === 'string') {
    shown = JSON.stringify(value);
  } else if (typeof value?.then === 'function') {
    shown = 'a Promise (forgot await?)';
  } else if (typeof value === 'object' && value !== null) {
    const name = value.constructor?.name ?? 'Object';
    shown = name === 'Object' ? 'an object' : `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
  } else if (typeof value === 'function') {
    shown = 'a function';
  }
  return new TypeError(`${what} must be ${needed}, not ${shown}`);
}

/** The options of a call, all of which it knows. */
function taken(call, options, known) {
  if (options === undefined) {
    return {};
  }
  const objects = [Virq, Sandbox, Vm, Eventfd, Irqfd, Vcpu, Breakpoint];
  const plain = typeof options === 'object' && options !== null && typeof options.then !== 'function';
  if (!plain || Array.isArray(options) || objects.some((one) => options instanceof one)) {
    throw wrong(`${call}: options`, `an object such as { ${known[0]}: … }`, options);
  }
  const unknown = Object.keys(options).filter((one) => !known.includes(one));
  if (unknown.length > 0) {
    throw new TypeError(`${call}: unknown option "${unknown.join('", "')}"; known: ${known.join(', ')}`);
  }
  return options;
}

/** The id of an object, which may be given by its id. */
function idOf(what, { name, type, prefix }, value) {
  const id = value instanceof type ? value.id : value;
  if (typeof id === 'string' && new RegExp(`^${prefix}-[1-9][0-9]*$`).test(id)) {
    return id;
  }
  throw wrong(what, `${name} or an id such as "${prefix}-1"`, value);
}

function descriptor(what, value, byId, byNumber) {
  if (typeof value === 'number') {
    return { [byNumber]: needed(what, value) };
  }
  const either = { ...EVENTFD, name: "an Eventfd, a descriptor's number" };
  return { [byId]: idOf(what, either, value) };
}

function targets({ vm, irqfd, eventfd, gsi }) {
  return {
    vm: vm === undefined ? undefined : idOf('vm', VM, vm),
    irqfd: irqfd === undefined ? undefined : idOf('irqfd', IRQFD, irqfd),
    eventfd: eventfd === undefined ? undefined : idOf('eventfd', EVENTFD, eventfd),
    gsi: gsi === undefined ? undefined : line(gsi),
  };
}

function text(what, value) {
  if (typeof value !== 'string') {
    throw wrong(what, 'a string', value);
  }
  return value;
}

function flag(what, value) {
  if (typeof value !== 'boolean') {
    throw wrong(what, 'true or false', value);
  }
  return value;
}

function integer(what, value, least = 0, most = Number.MAX_SAFE_INTEGER) {
  return value === undefined ? undefined : needed(what, value, least, most);
}

function needed(what, value, least = 0, most = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== 'number') {
    throw wrong(what, `an integer in ${least}..${most}`, value);
  }
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(`${what} is ${value}: an integer in ${least}..${most} is needed`);
  }
  return value;
}

function line(gsi) {
  return needed('gsi', gsi, 0, 2 ** 32 - 1);
}

function address(url) {
  if (!/^https?:\/\/[^/]/i.test(text('url', url))) {
    throw new TypeError(`the server's address (VIRQ_URL) is "${url}": it must begin with http:// or https://`);
  }
  const base = url.replace(/\/+$/, '');
  if (base.endsWith('/v1')) {
    throw new TypeError(`the server's address (VIRQ_URL) is "${url}": it must not end in /v1, which is added to it`);
  }
  return base;
}

/** Milliseconds as ISO 8601 has them. */
function duration(what, millis) {
  if (millis === undefined) {
    return undefined;
  }
  if (typeof millis !== 'number') {
    throw wrong(what, 'a number, of milliseconds', millis);
  }
  if (!(millis >= 0 && millis < 1e12)) {
    throw new RangeError(`${what} is ${millis}: a number of milliseconds from 0 on is needed`);
  }
  return `PT${(millis / 1000).toFixed(9)}S`;
}

function waiting(otherwise, { wait = otherwise, timeout }) {
  return { wait: flag('wait', wait) ? 'settled' : 'none', timeout: duration('timeout', timeout) };
}

/** The zeros of a close that has not ended are no results. */
async function closed(sandbox, path, options) {
  const report = await sandbox.request('DELETE', path, undefined, waiting(true, options));
  return report.settled
    ? report
    : { ...report, gracePeriodNanos: undefined, flushNanos: undefined, waitedForReaders: undefined };
}

/** A value of 64 bits as the wire has it; a number that is no longer exact is refused. */
function decimal(what, value) {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw wrong(what, 'a bigint or an integer', value);
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${what} is ${value}, no exact integer: give it as a bigint`);
  }
  if (value < 0n || value >= 2n ** 64n) {
    throw new RangeError(`${what} is ${value}: an integer in 0..${2n ** 64n - 1n} is needed`);
  }
  return String(value);
}

function unsigned(body, member) {
  return { ...body, [member]: BigInt(body[member]) };
}

/** A bigint in a request becomes a decimal string, which the server takes for a number of 64 bits. */
function exact(_key, value) {
  return typeof value === 'bigint' ? String(value) : value;
}

/** JSON in which an integer too large for a number becomes a bigint instead of another integer. */
function parse(text) {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0000${token}"` : token,
  );
  return JSON.parse(marked, (_key, value) =>
    typeof value === 'string' && /^\0-?\d+$/.test(value) ? BigInt(value.slice(1)) : value,
  );
}

function problemOf(text, otherwise) {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text || otherwise };
  }
}
