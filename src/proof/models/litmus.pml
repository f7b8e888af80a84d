/*
 * Litmus cycles with several SRCU domains: L33, L34 and L35. Thread t accesses x[t], then
 * x[t + 1], either in one read section or with one grace period between. Inside a section the two
 * accesses happen in either order, since a section orders nothing in itself; across a grace period
 * they do not. The grace period is taken at its word (srcu.pml checks it): it waits for the
 * sections of its domain that are open when it begins. A section begins with its first access and
 * ends with its last, a grace period begins and ends likewise, each in one step: to begin earlier
 * or to end later could only make somebody wait longer, and add no outcome.
 *
 * -DTHREADS=n   4, 6 or 8
 * -DDOMAINS=n   domains, at most 4
 * -DADJACENT    section, grace period, section, grace period, ...: thread pairs of one domain;
 *               else first all sections, then all grace periods, of domains 0, 1, ..., 0, 1, ...
 * -DSB          sections read, then write; grace periods write, then read: all read zero?
 * -DLB          all read, then write: all read one?
 *
 * -DM2          the control: grace periods that wait for nobody
 *
 * The outcome asked for is an assertion: violated where the kernel's memory model allows it,
 * exhaustively kept where it forbids it.
 */
#if THREADS == 8
#define HALF 4
#elif THREADS == 6
#define HALF 3
#else
#define HALF 2
#endif

byte x[THREADS];
byte got[THREADS];
byte open[DOMAINS]; /* a bit for each section */
byte ready = THREADS;

proctype Section(byte t; byte d) {
#ifdef LB
#define READ got[t] = x[t]
#define WRITE x[(t + 1) % THREADS] = 1
#else
#define READ got[t] = x[(t + 1) % THREADS]
#define WRITE x[t] = 1
#endif
  if
  :: d_step { open[d] = open[d] | (1 << t); READ }
    d_step { WRITE; open[d] = open[d] & ~(1 << t); ready-- }
  :: d_step { open[d] = open[d] | (1 << t); WRITE }
    d_step { READ; open[d] = open[d] & ~(1 << t); ready-- }
  fi
}

proctype GracePeriod(byte t; byte d) {
  byte before;
#ifdef LB
#define FIRST READ
#define SECOND WRITE
#else
#define FIRST WRITE
#define SECOND READ
#endif
  d_step { FIRST; before = open[d] }
#ifdef M2
  d_step { SECOND; ready-- }
#else
  d_step { (open[d] & before) == 0 -> SECOND; ready-- }
#endif
}

active proctype Outcome() {
  byte t, sum;
  ready == 0;
  d_step {
    do
    :: t == THREADS -> break
    :: else -> sum = sum + got[t]; t++
    od
  }
#ifdef LB
  assert(sum != THREADS)
#else
  assert(sum != 0)
#endif
}

init {
  byte t;
  atomic {
    do
    :: t == THREADS -> break
    :: else ->
#ifdef ADJACENT
      if
      :: t % 2 == 0 -> run Section(t, (t / 2) % DOMAINS)
      :: else -> run GracePeriod(t, (t / 2) % DOMAINS)
      fi;
#else
      if
      :: t < HALF -> run Section(t, t % DOMAINS)
      :: else -> run GracePeriod(t, (t - HALF) % DOMAINS)
      fi;
#endif
      t++
    od
  }
}
