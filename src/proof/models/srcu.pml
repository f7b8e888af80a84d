/*
 * The two-index algorithm of dev.virq.srcu.SrcuDomain: two readers with two read sections each, two
 * stripes of counters, two grace periods.
 *
 * Memory is weaker than x86: a plain or opaque store waits in a slot of its own (partial store
 * order) until process Memory carries it out, and an atomic increment goes to memory at once but
 * orders nothing else. Only a full fence empties the slots. So every lettered barrier of the
 * algorithm has to earn its place.
 *
 * An object is reached through its pointer while linked[k]. The updater unlinks it, waits for a
 * grace period, and frees it. Checked: no reader reads or writes a freed object, no rank ever shows
 * more ends than begins, at the end begins equal ends in both ranks, and nobody hangs.
 *
 * -DTWO_UPDATERS  two concurrent synchronizers, one object each; one section a reader (litmus K6)
 *
 * Mutants, each to be violated unless it says so:
 * -DM1   scan 1 dropped (also M11 and M23)    -DM8   barrier C dropped
 * -DM2   no grace period at all               -DM9   increments of a shared stripe not atomic
 * -DM3   no flip: safe, only not live         -DM12  two grace periods at once: safe
 * -DM4   begins summed before ends            -DM13  scan 2 dropped
 * -DM5   ends counted in the current rank     -DM14  barrier D dropped: safe
 * -DM6   barrier B dropped, increment plain   -DM15E barrier E dropped: safe
 * -DM7   entry fence and barrier A dropped    -DM27  counters of the new rank reset at the flip
 */
#define EMPTY 255
#define CELL(stripe, rank) ((stripe) * 2 + (rank))

#if defined(TWO_UPDATERS) || defined(M12)
#define UPDATERS 2
#define SECTIONS 1
#else
#define UPDATERS 1
#define SECTIONS 2
#endif

byte idx;
byte begun[4];
byte ended[4];
bool linked[2] = true;
bool freed[2];
bool gpLock;
byte unfinished = 2 + UPDATERS;

/* The store buffers. */
byte unlinking[UPDATERS] = EMPTY; /* which pointer is being set to null */
byte flipping[UPDATERS] = EMPTY;  /* the new idx */
byte writing[2] = EMPTY;          /* reader's last write, into this object */
byte counting[2] = EMPTY;         /* reader's plain increment of this cell (M6) */
byte counted[2];

inline drainUnlinking(u) {
  d_step { unlinking[u] != EMPTY -> linked[unlinking[u]] = false; unlinking[u] = EMPTY }
}

inline drainFlipping(u) {
  d_step { flipping[u] != EMPTY -> idx = flipping[u]; flipping[u] = EMPTY }
}

inline drainWriting(r) {
  d_step { writing[r] != EMPTY -> assert(!freed[writing[r]]); writing[r] = EMPTY }
}

active proctype Memory() {
end:
  do
  :: drainUnlinking(0)
  :: drainFlipping(0)
#if UPDATERS == 2
  :: drainUnlinking(1)
  :: drainFlipping(1)
#endif
  :: drainWriting(0)
  :: drainWriting(1)
#ifdef M6
  :: d_step { counting[0] != EMPTY -> begun[counting[0]] = counted[0]; counting[0] = EMPTY }
  :: d_step { counting[1] != EMPTY -> begun[counting[1]] = counted[1]; counting[1] = EMPTY }
#endif
  od
}

proctype Reader(byte r) {
  byte section, rank, cell, k;
  do
  :: section == SECTIONS -> break
  :: else ->
    section++;
    rank = idx & 1; /* may be stale by the time it is used: the straggler */
#ifdef M9
    cell = CELL(0, rank);
    k = begun[cell];
    begun[cell] = k + 1;
#else
    cell = CELL(r, rank);
#ifdef M6
    counting[r] == EMPTY;
    d_step { counting[r] = cell; counted[r] = begun[cell] + 1 }
#else
    begun[cell]++;
    writing[r] == EMPTY; /* B */
#endif
#endif
    if
    :: k = 0
    :: k = 1
    fi;
    if
    :: linked[k] ->
      assert(!freed[k]);
      writing[r] == EMPTY -> writing[r] = k;
      assert(!freed[k])
    :: else
    fi;
#ifndef M8
    writing[r] == EMPTY; /* C */
#endif
#ifdef M6
    counting[r] == EMPTY; /* C is a full fence */
#endif
#ifdef M5
    rank = idx & 1;
#endif
#if UPDATERS == 1
    /* The end may be counted in another stripe. */
    if
    :: cell = CELL(0, rank)
    :: cell = CELL(1, rank)
    fi;
#else
    cell = CELL(1 - r, rank);
#endif
    ended[cell]++;
    cell = 0;
    k = 0
  od;
  unfinished--
}

#define FENCE unlinking[u] == EMPTY && flipping[u] == EMPTY

inline awaitQuiet(rank) {
  do
  :: ends = ended[CELL(0, rank)];
#ifdef M4
    begins = begun[CELL(0, rank)];
    begins = begins + begun[CELL(1, rank)];
#endif
    ends = ends + ended[CELL(1, rank)];
#ifndef M7
    FENCE; /* A */
#endif
#ifndef M4
    begins = begun[CELL(0, rank)];
    begins = begins + begun[CELL(1, rank)];
    assert(ends <= begins);
#endif
    if
    :: ends == begins -> break
    :: else
    fi
  od;
  ends = 0;
  begins = 0
}

proctype Updater(byte u) {
  byte k, flips, ends, begins;
  k = u;
  do
  :: unlinking[u] = k;
#ifndef M7
    FENCE; /* entry */
#endif
#ifndef M2
#ifndef M12
    atomic { !gpLock -> gpLock = true }
#endif
    flipping[u] == EMPTY;
    flips = idx;
#ifndef M1
    awaitQuiet((flips & 1) ^ 1);
#endif
#ifndef M15E
    FENCE; /* E */
#endif
#ifdef M27
    begun[CELL(0, (flips & 1) ^ 1)] = 0;
    begun[CELL(1, (flips & 1) ^ 1)] = 0;
    ended[CELL(0, (flips & 1) ^ 1)] = 0;
    ended[CELL(1, (flips & 1) ^ 1)] = 0;
#endif
#ifndef M3
    flipping[u] = (flips + 1) & 1;
#endif
#ifndef M14
    FENCE; /* D */
#endif
#ifndef M13
    awaitQuiet(flips & 1);
#endif
    gpLock = false;
#endif
    FENCE; /* exit */
    freed[k] = true;
    k = k + UPDATERS;
    flips = 0;
    if
    :: k >= 2 -> break
    :: else
    fi
  od;
  unfinished--
}

active proctype Conservation() {
  unfinished == 0;
  assert(begun[0] + begun[2] == ended[0] + ended[2]);
  assert(begun[1] + begun[3] == ended[1] + ended[3])
}

init {
  atomic {
    run Reader(0);
    run Reader(1);
    run Updater(0);
#if UPDATERS == 2
    run Updater(1);
#endif
  }
}
