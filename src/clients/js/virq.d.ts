/**
 * virq for tests in JavaScript and TypeScript: a sandbox per test, exact waits, errors that carry the
 * errno of Linux. Times are milliseconds; values of 64 bits are bigint.
 */

/** The server refused: `errno` is the name of Linux's error, as in "EBUSY". */
export class VirqError extends Error {
  constructor(status: number, problem: Problem);
  readonly errno: string;
  readonly status: number;
  readonly detail: string;
  /** The body of the answer (application/problem+json) with all its members. */
  readonly problem: Problem;
  /** EDEADLK: the threads held at breakpoints, without whose release the wait would never end. */
  readonly heldBy: Held[];
  /** ETIMEDOUT, EDEADLK: what is still under way. */
  readonly pending: Pending[];
}

/** A test left something open. */
export class LeakError extends Error {
  constructor(sandbox: string, leaked: Leaked);
  /** The ids by kind. */
  readonly leaked: Leaked;
}

/**
 * Makes a test of a function that takes a sandbox: `test('name', withSandbox(async (sandbox) => { … }))`,
 * for node:test, Vitest, Jest and Mocha. At its end the sandbox is deleted, and what was left open fails
 * the test unless `allowLeaks` is true.
 */
export function withSandbox(
  body: (sandbox: Sandbox) => Promise<void> | void,
  options?: {
    /** Begins the sandbox's name; the function's name if left out. */
    name?: string;
    virq?: Virq;
    allowLeaks?: boolean;
    ttl?: number;
  },
): () => Promise<void>;

/**
 * A server. What is left out comes from the environment: VIRQ_URL (http://127.0.0.1:8080 if not set), VIRQ_TOKEN
 * (sent as Authorization: Bearer), VIRQ_PREFIX (begins the name of every sandbox, for a token that may see
 * such names only). A browser has no environment.
 */
export function connect(options?: { url?: string; token?: string; prefix?: string; patience?: number }): Virq;

/** A server, and the way to ask it. */
export class Virq {
  /** A call that the server puts off, with 429 or 503 and Retry-After, is made again for `patience`; 30 s if left out. */
  constructor(options: { url: string; token?: string; prefix?: string; patience?: number });
  readonly url: string;
  readonly prefix: string;
  /** Any call of the API. A body that is a string is a script's; another one is sent as JSON. */
  request<T = any>(
    method: string,
    path: string,
    body?: unknown,
    query?: Record<string, unknown>,
    options?: { ifMatch?: string },
  ): Promise<T>;
  /** A new sandbox: its name begins as this one and ends with a random part; its lease ends after `ttl` without a call. */
  sandbox(name?: string, options?: { ttl?: number }): Promise<Sandbox>;
}

/** A machine of the test's own. */
export class Sandbox {
  constructor(virq: Virq, name: string, uid: string);
  readonly name: string;
  /** Its life; another one after a reset. A call that meets another life than this one is ESTALE. */
  readonly uid: string;
  /** A call below this sandbox: `sandbox.request('POST', '/vms/vm-1/vcpus', { id: 0 })`. */
  request<T = any>(method: string, path: string, body?: unknown, query?: Record<string, unknown>): Promise<T>;
  createVm(settings?: { irqchip?: 'KERNEL' | 'SPLIT' | 'NONE'; reservedPins?: number; name?: string }): Promise<Vm>;
  createEventfd(settings?: {
    initval?: Unsigned;
    flags?: Array<'SEMAPHORE' | 'NONBLOCK'>;
    name?: string;
  }): Promise<Eventfd>;
  /** Holds threads at a point of `GET /v1/points`, those that match; with `delay` they only lose time. */
  setBreakpoint(
    point: string,
    options?: {
      vm?: Vm;
      irqfd?: Irqfd;
      eventfd?: Eventfd;
      gsi?: number;
      skip?: number;
      hits?: number;
      maxHold?: number;
      delay?: number;
    },
  ): Promise<Breakpoint>;
  /** A signal as it is now. */
  getSignal(signal: string | Signal): Promise<Signal>;
  /** Runs one operation a line; a result a line. An integer too large for a number is a bigint. */
  runScript(script: string): Promise<ScriptResult[]>;
  /**
   * Waits until everything is settled or parked, or something is injected or released. Rejected with EDEADLK at
   * once when a breakpoint stands in the way, with ETIMEDOUT when it does not come.
   */
  wait(what: 'settled' | 'parked' | 'injected' | 'released', options?: WaitOptions): Promise<Met>;
  /** Waits until every signal has its outcome and every close is over: what has not come by then never will. */
  waitSettled(options?: { upToSeq?: number; timeout?: number }): Promise<void>;
  /** Waits until whatever is under way is over or held at a breakpoint. */
  waitParked(options?: { timeout?: number }): Promise<void>;
  /** Counters and grace periods of this sandbox. */
  stats(): Promise<any>;
  /** Empties it; numbers start again at 1. */
  reset(): Promise<TeardownReport>;
  /** Ends it, once. */
  delete(): Promise<TeardownReport>;
  /** Ends it, and rejects with a LeakError if something was left open. */
  end(options?: { allowLeaks?: boolean }): Promise<void>;
}

/** A virtual machine. */
export class Vm {
  constructor(sandbox: Sandbox, id: string);
  readonly id: string;
  /** The VM as it is now, also after its release. */
  get(): Promise<VmInfo>;
  /** Binds an eventfd, or a descriptor by its number, to a line; with `resample` the line is level-triggered. */
  assign(eventfd: Eventfd | number, gsi: number, options?: { resample?: Eventfd }): Promise<Irqfd>;
  /** A line and its counters. */
  gsi(gsi: number): Promise<Gsi>;
  /** Sets a line as KVM_IRQ_LINE_STATUS does: > 0 delivered, 0 coalesced, -1 ignored. */
  setLine(gsi: number, level: 0 | 1): Promise<number>;
  /** Waits for so many injections into a line; more than `atMost` is ERANGE. */
  waitInjected(gsi: number, options?: CountOptions): Promise<number>;
  /** Waits until it is destroyed. */
  waitReleased(options?: { timeout?: number }): Promise<void>;
  /** close(2) on its descriptor; waits unless `wait` is false. If the report is not settled, the close goes on. */
  close(options?: ActionOptions): Promise<CloseReport>;
}

/** An eventfd; `fd` is the first of its descriptors. */
export class Eventfd {
  constructor(sandbox: Sandbox, id: string, fd: number);
  readonly id: string;
  readonly fd: number;
  /** The eventfd as it is now. */
  get(): Promise<EventfdInfo>;
  /** write(2). With `wait` the answer has the outcome, unless a breakpoint holds it. */
  signal(options?: { value?: Unsigned } & ActionOptions): Promise<Signal>;
  /** read(2). Empty: EAGAIN, or with `timeout` a wait that ends in ETIMEDOUT. */
  read(options?: { timeout?: number }): Promise<bigint>;
  /** dup(2): the number of one more descriptor. */
  dup(): Promise<number>;
  /** close(2) on all its descriptors, or on one of them; waits unless `wait` is false. */
  close(options?: { fd?: number } & ActionOptions): Promise<CloseReport>;
}

/** The binding of an eventfd to a line of a VM. */
export class Irqfd {
  constructor(sandbox: Sandbox, id: string, vm: Vm);
  readonly id: string;
  readonly vm: Vm;
  /** The irqfd as it is now, also after its end. */
  get(): Promise<IrqfdInfo>;
  /** Waits for so many injections by this irqfd; more than `atMost` is ERANGE. */
  waitInjected(options?: CountOptions): Promise<number>;
  /** Waits until it is freed. */
  waitReleased(options?: { timeout?: number }): Promise<void>;
  /** Ends the binding; the eventfd stays open. Waits unless `wait` is false. */
  close(options?: ActionOptions): Promise<CloseReport>;
}

/** A place where threads are held until released. */
export class Breakpoint {
  constructor(sandbox: Sandbox, id: string);
  readonly id: string;
  /** The breakpoint as it is now, and who is held at it. */
  get(): Promise<BreakpointInfo>;
  /** Waits until so many threads are held here. */
  waitParked(options?: { atLeast?: number; timeout?: number }): Promise<void>;
  /** Lets all of them go, or so many. */
  release(options?: { threads?: number | 'ALL' }): Promise<void>;
  /** Takes it away and lets everybody go. */
  delete(): Promise<void>;
}

/** 64 bits; a number that is no longer exact is refused. */
export type Unsigned = bigint | number;

export interface ActionOptions {
  /** Whether the answer waits for the end of the action; a close does, a signal does not. */
  wait?: boolean;
  timeout?: number;
}

export interface CountOptions {
  atLeast?: number;
  atMost?: number;
  timeout?: number;
}

export interface WaitOptions extends CountOptions {
  vm?: string;
  gsi?: number;
  irqfd?: string;
  eventfd?: string;
  breakpoint?: string;
  upToSeq?: number;
}

export type Outcome =
  | 'INJECTED'
  | 'COALESCED_PENDING'
  | 'IGNORED_UNROUTED'
  | 'DROPPED_DEACTIVATED'
  | 'DROPPED_VM_GONE'
  | 'NOT_BOUND'
  | 'FAILED';

export interface Signal {
  id: string;
  seq: number;
  eventfd: string;
  counterAfter: bigint;
  settled: boolean;
  /** Absent until it is settled. */
  outcome?: Outcome;
  finalSeq?: number;
  lineStatus?: string;
  injection?: { worker: string; queuedNanos: number; lockNanos: number; totalNanos: number };
  pending?: Pending[];
  heldBy?: Held[];
}

/** Not settled: the close has begun and goes on, and must not be repeated. */
export interface CloseReport {
  lastReference: boolean;
  released: string[];
  vmRefsDropped: number;
  vmFreed: string[];
  gracePeriodNanos: number;
  flushNanos: number;
  waitedForReaders: number;
  settled: boolean;
  pending?: Pending[];
  heldBy?: Held[];
  seq: number;
}

export interface VmInfo {
  id: string;
  name?: string;
  irqchip?: string;
  state: 'OPEN' | 'CLOSING' | 'RELEASED';
  refs: number;
  irqfds: number;
  seq: number;
  releasedSeq?: number;
}

export interface EventfdInfo {
  id: string;
  name?: string;
  fds: number[];
  counter: bigint;
  flags: string[];
  boundTo?: { irqfd: string; vm: string; gsi: number };
  state: string;
  seq: number;
}

export interface IrqfdInfo {
  id: string;
  vm: string;
  eventfd: string;
  gsi: number;
  resample: boolean;
  state: string;
  callbacks: number;
  queued: number;
  coalesced: number;
  injected: number;
  severed: number;
  inFlight: number;
  seq: number;
}

export interface Gsi {
  gsi: number;
  routed: boolean;
  level: 0 | 1;
  pending: number;
  signalled: number;
  injected: number;
  coalesced: number;
  ignored: number;
  dropped: number;
  status: { delivered: number; coalesced: number; ignored: number };
  raises: number;
  lowers: number;
  lastSeq?: number;
}

export interface BreakpointInfo {
  id: string;
  point: string;
  /** EXPIRED: nobody released it in time. */
  state: 'ARMED' | 'PARKED' | 'DONE' | 'EXPIRED';
  hitCount: number;
  parked: Held[];
  seq: number;
}

export interface Held {
  breakpoint: string;
  point: string;
  thread: string;
  cpu?: number;
  signal?: string;
  since: string;
  holds: string[];
}

export interface Pending {
  kind: string;
  id: string;
  since: string;
  stage: string;
}

export interface Met {
  met: true;
  seq: number;
  elapsedNanos: number;
  observed: { upToSeq?: number; parked?: number; injected?: number; state?: string; releasedSeq?: number };
}

export interface ScriptResult {
  op: string;
  ok: boolean;
  errno?: string;
  value?: any;
  [member: string]: unknown;
}

export interface Leaked {
  vms: string[];
  eventfds: string[];
  irqfds: string[];
  breakpoints: string[];
}

/** What the end of a sandbox found. */
export interface TeardownReport {
  leaked: Leaked;
  released: Record<string, number>;
  pendingSignalsDropped: number;
  gracePeriods: Record<string, number>;
  elapsedNanos: number;
  seq: number;
  /** The life that a reset began. */
  uid?: string;
}

export interface Problem {
  errno?: string;
  errnoNumber?: number;
  status?: number;
  title?: string;
  detail?: string;
  errors?: Array<{ pointer: string; detail: string }>;
  heldBy?: Held[];
  pending?: Pending[];
  [member: string]: unknown;
}
