/**
 * virq for tests in JavaScript and TypeScript: a sandbox per test, exact waits, errors that carry the
 * errno of Linux. Values of 64 bits are bigint.
 *
 * Times are milliseconds: of a wait 5,000 when left out (2,000 for a signal), and 60,000 at most unless the server is
 * set otherwise (`limits.waitNanos` of `GET /v1`). Where a method takes an object it takes its id too, such as
 * "irqfd-1". An option that a method does not know is a TypeError; one that is undefined counts as left out.
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
  constructor(sandbox: string, leaked: Leaked, held?: Held[]);
  /** The ids by kind. */
  readonly leaked: Leaked;
  /** The threads that breakpoints still held, which is often why the rest is open. */
  readonly held: Held[];
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
    /** Milliseconds without a call after which its lease ends; 300,000 if left out. */
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
  /** A call that the server puts off, with 429 or 503 and Retry-After, is made again for `patience` ms; 30,000 if left out. */
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
  /** A new sandbox: its name begins as this one and ends with a random part; its lease ends after `ttl` ms without a call. */
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
  /** Holds threads at a point of `GET /v1/points`: the next one, or those that match all that the options name. */
  setBreakpoint(
    point: Point,
    options?: {
      vm?: Vm | string;
      irqfd?: Irqfd | string;
      eventfd?: Eventfd | string;
      gsi?: number;
      /** Threads to let pass first; 0 if left out. */
      skip?: number;
      /** Threads to hold after that; 1 if left out. */
      hits?: number;
      /** Milliseconds after which it lets a thread go by itself; 30,000 if left out. */
      maxHold?: number;
      /** Milliseconds that threads lose instead of being held. */
      delay?: number;
    },
  ): Promise<Breakpoint>;
  /** A signal as it is now. */
  getSignal(signal: string | Signal): Promise<Signal>;
  /** Runs one operation a line; a result a line. An integer too large for a number is a bigint. */
  runScript(script: string): Promise<ScriptResult[]>;
  /**
   * Waits until everything is settled or parked, or something is injected or released. A wait for settled or released
   * is rejected with EDEADLK at once when a breakpoint stands in the way; each with ETIMEDOUT when it does not come.
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
  /**
   * Binds an eventfd, or a descriptor by its number, to a line. With `resample` the line is level-triggered: it stays up
   * until the guest's end of interrupt, which signals that eventfd.
   */
  assign(eventfd: Eventfd | number | string, gsi: number, options?: { resample?: Eventfd | number | string }): Promise<Irqfd>;
  /** A line and its counters. */
  gsi(gsi: number): Promise<Gsi>;
  /** Sets a line as KVM_IRQ_LINE_STATUS does: > 0 delivered, 0 coalesced, -1 ignored. */
  setLine(gsi: number, level: 0 | 1): Promise<number>;
  /** A vCPU with its local APIC, which is off at first: `setLapic({ svr: 0x1ff })` enables it. 0 if left out. */
  createVcpu(id?: number): Promise<Vcpu>;
  /** A pin of the I/O APIC as it is now. */
  pin(pin: number): Promise<IoApicPin>;
  /** Sets the entry of a pin of the I/O APIC; what is left out stays as it is. A pin is masked at first. */
  setPin(pin: number, entry: Partial<Omit<IoApicPin, 'pin'>>): Promise<IoApicPin>;
  /** Waits for so many injections into a line; more than `atMost` is ERANGE. */
  waitInjected(gsi: number, options?: CountOptions): Promise<number>;
  /** Waits until it is destroyed. */
  waitReleased(options?: { timeout?: number }): Promise<void>;
  /**
   * close(2) on its descriptor. Unless `wait` is false the report comes when the close is over, or after `timeout`, or
   * at once when a breakpoint holds it: it is not settled then, and the close goes on. That is no error: assert
   * `settled`, or release the breakpoint and `waitReleased()`.
   */
  close(options?: ActionOptions): Promise<CloseReport>;
}

/** An eventfd; `fd` is the first of its descriptors. */
export class Eventfd {
  constructor(sandbox: Sandbox, id: string, fd: number);
  readonly id: string;
  readonly fd: number;
  /** The eventfd as it is now; EBADF once closed. What it was bound to, its irqfd still tells. */
  get(): Promise<EventfdInfo>;
  /** write(2) of `value`, 1 if left out. With `wait` the answer has the outcome, unless a breakpoint holds it. */
  signal(options?: { value?: Unsigned } & ActionOptions): Promise<Signal>;
  /** read(2). Empty: EAGAIN, or with `timeout`, of milliseconds, a wait that ends in ETIMEDOUT. */
  read(options?: { timeout?: number }): Promise<bigint>;
  /** dup(2): the number of one more descriptor; EBADF once closed. */
  dup(): Promise<number>;
  /** close(2) on all its descriptors, or on one of them; waits as the close of a VM does. */
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
  /** Waits until it is freed: state FREED. */
  waitReleased(options?: { timeout?: number }): Promise<void>;
  /** Ends the binding; the eventfd stays open. Waits as the close of a VM does. */
  close(options?: ActionOptions): Promise<CloseReport>;
}

/** A vCPU in the guest's part: it acknowledges interrupts and ends them. */
export class Vcpu {
  constructor(sandbox: Sandbox, vm: Vm, id: number);
  readonly id: number;
  readonly vm: Vm;
  /** The vCPU as it is now. */
  get(): Promise<VcpuInfo>;
  /** Its local APIC as it is now. */
  lapic(): Promise<Lapic>;
  /** Sets registers of its local APIC; what is left out stays as it is. Bit 8 of `svr` enables it. */
  setLapic(registers: Partial<Omit<Lapic, 'ppr'>>): Promise<Lapic>;
  /** Takes the highest deliverable vector into service, with `pic` one of the 8259 pair; undefined if there is none. */
  ack(options?: { pic?: boolean }): Promise<number | undefined>;
  /**
   * Ends the highest interrupt in service. A level-triggered line goes down if nobody else holds it up, and its resample
   * eventfds are signalled: `resampled` names their irqfds.
   */
  eoi(): Promise<GuestAnswer>;
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
  /** Milliseconds; 5,000 if left out, of a signal 2,000. */
  timeout?: number;
}

export interface CountOptions {
  /** 1 if left out. */
  atLeast?: number;
  atMost?: number;
  /** Milliseconds; 5,000 if left out. */
  timeout?: number;
}

export interface WaitOptions extends CountOptions {
  vm?: Vm | string;
  gsi?: number;
  irqfd?: Irqfd | string;
  eventfd?: Eventfd | string;
  breakpoint?: Breakpoint | string;
  upToSeq?: number;
}

/** Where a breakpoint can hold a thread; `GET /v1/points` says what each is. */
export type Point =
  | 'inject.enter'
  | 'inject.locked'
  | 'inject.dereferenced'
  | 'inject.lowered'
  | 'hup.unhooked'
  | 'hup.flushed'
  | 'disconnect.swapped'
  | 'disconnect.unlisted'
  | 'sync.begin'
  | 'sync.flipped'
  | 'sync.end'
  | 'put.vm'
  | 'free.irqfd'
  | 'assign.listed'
  | 'assign.beforeFput'
  | 'release.begin';

/**
 * What became of a signal. Of one that is held while its VM closes: at inject.enter or inject.locked it has not read
 * the VM yet and ends DROPPED_VM_GONE; from inject.dereferenced on it ends INJECTED.
 *
 * - INJECTED: it reached the VM; the line status says what the interrupt controller made of it.
 * - COALESCED_PENDING: merged into an injection that was queued already.
 * - IGNORED_UNROUTED: the line leads nowhere: consumed, nothing else.
 * - DROPPED_DEACTIVATED: its irqfd was severed, by hang-up or de-assign, before the injection read the VM.
 * - DROPPED_VM_GONE: its irqfd was severed by the VM's close before the injection read the VM.
 * - NOT_BOUND: no irqfd was bound: it stays in the counter.
 * - FAILED: a bug of virq; never expected.
 */
export type Outcome =
  | 'INJECTED'
  | 'COALESCED_PENDING'
  | 'IGNORED_UNROUTED'
  | 'DROPPED_DEACTIVATED'
  | 'DROPPED_VM_GONE'
  | 'NOT_BOUND'
  | 'FAILED';

/**
 * What the interrupt controller made of an injection.
 *
 * - DELIVERED: a vCPU has accepted it, or it is latched.
 * - COALESCED: merged with a request that is not acknowledged yet.
 * - IGNORED: the pin is masked, the line still waits for the end of the last interrupt, or it leads nowhere.
 */
export type LineStatus = 'DELIVERED' | 'COALESCED' | 'IGNORED';

/** CLOSING: something still refers to it. */
export type VmState = 'OPEN' | 'CLOSING' | 'RELEASED';

/** A closed one is gone: EBADF. */
export type EventfdState = 'OPEN';

/** ACTIVE, and then how far its end is. FREED is what "released" means of an irqfd. */
export type IrqfdState = 'ACTIVE' | 'UNHOOKED' | 'FLUSHING' | 'DISCONNECTED' | 'GRACE' | 'FREED';

/** PARKED: it holds a thread. DONE: after its last hit. EXPIRED: nobody released it in time. */
export type BreakpointState = 'ARMED' | 'PARKED' | 'DONE' | 'EXPIRED';

interface Written {
  id: string;
  seq: number;
  eventfd: string;
  counterAfter: bigint;
  lineStatus?: LineStatus;
  injection?: { worker: string; queuedNanos: number; lockNanos: number; totalNanos: number };
}

/** One write; once `settled` is checked, `outcome` and `finalSeq` are there. */
export type Signal =
  | (Written & { settled: true; outcome: Outcome; finalSeq: number; pending?: undefined; heldBy?: undefined })
  | (Written & { settled: false; outcome?: undefined; finalSeq?: undefined; pending?: Pending[]; heldBy?: Held[] });

/**
 * Not settled: the close has begun and goes on, and must not be repeated; what only its end can tell is undefined then,
 * how long it took and how many readers it waited for.
 */
export interface CloseReport {
  lastReference: boolean;
  released: string[];
  vmRefsDropped: number;
  vmFreed: string[];
  gracePeriodNanos?: number;
  flushNanos?: number;
  waitedForReaders?: number;
  settled: boolean;
  pending?: Pending[];
  heldBy?: Held[];
  seq: number;
}

interface AnyVm {
  id: string;
  name?: string;
  irqchip?: 'KERNEL' | 'SPLIT' | 'NONE';
  reservedPins?: number;
  refs: number;
  irqfds: number;
  seq: number;
}

/** Once `state` is checked to be RELEASED, `releasedSeq` is there. */
export type VmInfo =
  | (AnyVm & { state: 'RELEASED'; releasedSeq: number })
  | (AnyVm & { state: 'OPEN' | 'CLOSING'; releasedSeq?: undefined });

export interface EventfdInfo {
  id: string;
  name?: string;
  fds: number[];
  counter: bigint;
  flags: string[];
  boundTo?: { irqfd: string; vm: string; gsi: number };
  state: EventfdState;
  seq: number;
}

export interface IrqfdInfo {
  id: string;
  vm: string;
  eventfd: string;
  gsi: number;
  resample: boolean;
  state: IrqfdState;
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
  match?: { vm?: string; irqfd?: string; eventfd?: string; gsi?: number };
  action: 'HOLD' | 'DELAY';
  skip: number;
  hits: number;
  state: BreakpointState;
  hitCount: number;
  parked: Held[];
  seq: number;
}

export interface VcpuInfo {
  id: number;
  /** PARKED after INIT, until a start-up message; the others as the host has set it. */
  runState: 'RUNNABLE' | 'UNINITIALIZED' | 'PARKED' | 'HALTED' | 'SIPI_RECEIVED' | 'AP_RESET_HOLD';
  nmiPending: number;
  nmiMasked: boolean;
  seq: number;
}

export interface Lapic {
  id: number;
  /** Spurious vector; bit 8 enables the local APIC. */
  svr: number;
  tpr: number;
  ppr: number;
  ldr: number;
  dfr: number;
  lvt0: number;
  lvt1: number;
  /** Vectors that wait. */
  irr: number[];
  /** Vectors in service. */
  isr: number[];
  /** Vectors last accepted as level-triggered. */
  tmr: number[];
}

export interface IoApicPin {
  pin: number;
  vector: number;
  deliveryMode: 'FIXED' | 'LOWEST' | 'SMI' | 'RESERVED' | 'NMI' | 'INIT' | 'STARTUP' | 'EXTINT';
  destMode: 'PHYSICAL' | 'LOGICAL';
  destId: number;
  polarity: 'HIGH' | 'LOW';
  triggerMode: 'EDGE' | 'LEVEL';
  mask: boolean;
  /** A level interrupt was accepted and has not ended. */
  remoteIrr: boolean;
}

/** What came of an acknowledgement or an end of interrupt. */
export interface GuestAnswer {
  vector?: number;
  /** The irqfds whose resample eventfd was signalled. */
  resampled: string[];
  handled: boolean;
  nmis: number;
  /** With irqchip SPLIT: the vector whose end was told to user space. */
  eoiExit?: number;
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
