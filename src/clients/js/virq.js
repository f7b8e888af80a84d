// virq for tests in JavaScript: a sandbox per test, exact waits, errors that carry the errno of Linux.
// For Node 20 or newer and for browsers; no dependency. The types and the documentation of each call
// are in virq.d.ts.

export class VirqError extends Error {
  constructor(status, problem) {
    super(`${problem.errno ?? 'HTTP'} (${status}): ${problem.detail ?? ''}`);
    this.name = 'VirqError';
    this.errno = problem.errno ?? '';
    this.status = status;
    this.detail = problem.detail ?? '';
    this.problem = problem;
    this.heldBy = problem.heldBy ?? [];
    this.pending = problem.pending ?? [];
  }
}

export class LeakError extends Error {
  constructor(sandbox, leaked) {
    const kinds = Object.entries(leaked).filter(([, ids]) => ids.length > 0);
    const names = kinds.map(([kind, ids]) => `${kind} ${ids.join(' ')}`).join(', ');
    super(`left open in sandbox ${sandbox}: ${names}`);
    this.name = 'LeakError';
    this.leaked = leaked;
  }
}

/** A function for `test('name', …)` of node:test, Vitest, Jest or Mocha. */
export function withSandbox(body, { name = body.name, virq = connect(), allowLeaks = false, ttl } = {}) {
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
export function connect(options = {}) {
  const env = globalThis.process?.env ?? {};
  return new Virq({
    url: options.url ?? (env.VIRQ_URL || 'http://127.0.0.1:8080'),
    token: options.token ?? env.VIRQ_TOKEN,
    prefix: options.prefix ?? env.VIRQ_PREFIX,
    patience: options.patience,
  });
}

export class Virq {
  #headers;
  #patience;

  constructor({ url, token, prefix = '', patience = 30_000 }) {
    this.url = url.replace(/\/+$/, '');
    this.prefix = prefix;
    this.#patience = patience;
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  async request(method, path, body, query, { ifMatch } = {}) {
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

  async sandbox(name = 'test', { ttl = 300_000 } = {}) {
    const slug = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, '0');
    const unique = this.prefix + `${slug.slice(0, 54 - this.prefix.length)}-${random}`.replace(/^-/, '');
    const { uid } = await this.request('PUT', `/v1/sandboxes/${unique}`, { ttl: duration(ttl) });
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

  async createVm(settings = {}) {
    return new Vm(this, (await this.request('POST', '/vms', settings)).id);
  }

  async createEventfd({ initval = 0n, flags, name } = {}) {
    const body = { initval: decimal(initval), flags, name };
    const { id, fds } = await this.request('POST', '/eventfds', body);
    return new Eventfd(this, id, fds[0]);
  }

  async setBreakpoint(point, { vm, irqfd, eventfd, gsi, skip, hits, maxHold, delay } = {}) {
    const match = given({ vm: vm?.id, irqfd: irqfd?.id, eventfd: eventfd?.id, gsi });
    const body = {
      point,
      match: Object.keys(match).length > 0 ? match : undefined,
      action: delay === undefined ? undefined : 'DELAY',
      delay: duration(delay),
      skip,
      hits,
      maxHold: duration(maxHold),
    };
    return new Breakpoint(this, (await this.request('POST', '/breakpoints', body)).id);
  }

  async getSignal(signal) {
    return unsigned(await this.request('GET', `/signals/${signal.id ?? signal}`), 'counterAfter');
  }

  runScript(script) {
    return this.request('POST', '/scripts', script);
  }

  wait(what, { timeout, ...members } = {}) {
    return this.request('POST', '/wait', { for: what, timeout: duration(timeout), ...members });
  }

  async waitSettled(options) {
    await this.wait('settled', options);
  }

  async waitParked(options) {
    await this.wait('parked', options);
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

  async end({ allowLeaks = false } = {}) {
    const { leaked } = await this.delete();
    if (!allowLeaks && Object.values(leaked).some((ids) => ids.length > 0)) {
      throw new LeakError(this.name, leaked);
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

  async assign(eventfd, gsi, { resample } = {}) {
    const target = typeof eventfd === 'number' ? { fd: eventfd } : { eventfd: eventfd.id };
    const more = resample ? { flags: ['RESAMPLE'], resampleEventfd: resample.id } : {};
    const { id } = await this.#sandbox.request('POST', `${this.#path}/irqfds`, { ...target, gsi, ...more });
    return new Irqfd(this.#sandbox, id, this);
  }

  gsi(gsi) {
    return this.#sandbox.request('GET', `${this.#path}/gsis/${gsi}`);
  }

  async setLine(gsi, level) {
    return (await this.#sandbox.request('PUT', `${this.#path}/gsis/${gsi}/line`, { level })).status;
  }

  async waitInjected(gsi, { atLeast = 1, atMost, timeout } = {}) {
    const met = await this.#sandbox.wait('injected', { vm: this.id, gsi, atLeast, atMost, timeout });
    return met.observed.injected;
  }

  async waitReleased({ timeout } = {}) {
    await this.#sandbox.wait('released', { vm: this.id, timeout });
  }

  close(options) {
    return this.#sandbox.request('DELETE', this.#path, undefined, waiting(true, options));
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

  async signal({ value = 1n, ...options } = {}) {
    const body = { value: decimal(value) };
    const query = waiting(false, options);
    return unsigned(await this.#sandbox.request('POST', `${this.#path}/signal`, body, query), 'counterAfter');
  }

  async read({ timeout } = {}) {
    const query = { timeout: duration(timeout) };
    return BigInt((await this.#sandbox.request('POST', `${this.#path}/read`, undefined, query)).value);
  }

  async dup() {
    return (await this.#sandbox.request('POST', `${this.#path}/dup`)).fd;
  }

  close({ fd, ...options } = {}) {
    const path = fd === undefined ? this.#path : `/eventfds/${fd}`;
    return this.#sandbox.request('DELETE', path, undefined, waiting(true, options));
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

  async waitInjected({ atLeast = 1, atMost, timeout } = {}) {
    const met = await this.#sandbox.wait('injected', { irqfd: this.id, atLeast, atMost, timeout });
    return met.observed.injected;
  }

  async waitReleased({ timeout } = {}) {
    await this.#sandbox.wait('released', { irqfd: this.id, timeout });
  }

  close(options) {
    const path = `/vms/${this.vm.id}/irqfds/${this.id}`;
    return this.#sandbox.request('DELETE', path, undefined, waiting(true, options));
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

  async waitParked({ atLeast = 1, timeout } = {}) {
    await this.#sandbox.wait('parked', { breakpoint: this.id, atLeast, timeout });
  }

  async release({ threads = 'ALL' } = {}) {
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

/** Milliseconds as ISO 8601 has them. */
function duration(millis) {
  return millis === undefined ? undefined : `PT${(millis / 1000).toFixed(9)}S`;
}

function waiting(otherwise, { wait = otherwise, timeout } = {}) {
  return { wait: wait ? 'settled' : 'none', timeout: duration(timeout) };
}

/** A value of 64 bits as the wire has it; a number that is no longer exact is refused. */
function decimal(value) {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not an exact integer: give it as a bigint`);
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
