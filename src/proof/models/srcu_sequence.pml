/*
 * The grace-period sequence of SrcuDomain: who may return when another thread ran a grace period.
 * Four times the grace periods ended, plus 1 in scan 1 and 2 in scan 2; the snapshot is the
 * smallest value at which a whole grace period that begins after now has ended. Counters and scans
 * are those of the algorithm, in sequentially consistent memory, with one stripe.
 *
 * Three objects, one updater each; one reader that holds each in turn, or several at once:
 * updater 0  synchronize: snapshot, monitor, own grace period when still needed
 * updater 1  the same
 * updater 2  queues a callback that frees, and whoever ends a grace period runs what is due;
 *            with -DPOLL it takes a cookie instead, polls it, and frees
 *
 * Mutants, each to be violated:
 * -DM15  snapshot one grace period too early, used by the poll
 * -DM16  the callback goes with whichever grace period ends next
 * -DM18  synchronizers share a grace period that had begun before the call
 */
#define CEIL(s) (((s) + 7) & 252)
#define EARLY(s) (((s) + 4) & 252)

byte gpSeq;
byte idx;
byte begun[2];
byte ended[2];
bool linked[3] = true;
bool freed[3];
bool monitor;
bool queued;
byte due;
byte unfinished = 3;

proctype Reader() {
  byte section, rank, k;
  do
  :: section == 2 -> break
  :: else ->
    section++;
    rank = idx;
    begun[rank]++;
    if
    :: k = 0
    :: k = 1
    :: k = 2
    fi;
    if
    :: linked[k] ->
      assert(!freed[k]);
      assert(!freed[k])
    :: else
    fi;
    ended[rank]++;
    k = 0
  od;
  unfinished--
}

inline awaitQuiet(rank) {
  do
  :: ends = ended[rank];
    if
    :: ends == begun[rank] -> break
    :: else
    fi
  od;
  ends = 0
}

/* The monitor is held. */
inline gracePeriod() {
  gpSeq = gpSeq + 1;
  awaitQuiet(1 - idx);
  idx = 1 - idx;
  gpSeq = gpSeq + 1;
  awaitQuiet(1 - idx);
  gpSeq = gpSeq + 2;
#ifdef M16
  if
  :: queued -> queued = false; freed[2] = true
  :: else
  fi
#else
  if
  :: queued && due <= gpSeq -> queued = false; freed[2] = true
  :: else
  fi
#endif
}

inline synchronize() {
#ifdef M18
  target = EARLY(gpSeq);
#else
  target = CEIL(gpSeq);
#endif
  atomic { !monitor -> monitor = true }
  if
  :: gpSeq < target -> gracePeriod()
  :: else
  fi;
  monitor = false
}

proctype Synchronizer(byte k) {
  byte target, ends;
  linked[k] = false;
  synchronize();
  freed[k] = true;
  unfinished--
}

proctype Poller(byte k) {
  byte target;
  linked[k] = false;
#ifdef M15
  target = EARLY(gpSeq);
#else
  target = CEIL(gpSeq);
#endif
  if
  :: gpSeq >= target -> freed[k] = true
  :: unfinished == 0
  fi
}

proctype Caller() {
  byte target;
  linked[2] = false;
  /* Enqueued before the snapshot, and not due before the snapshot is known. */
  due = 255;
  queued = true;
  due = CEIL(gpSeq)
}

init {
  atomic {
    run Reader();
    run Synchronizer(0);
#ifdef POLL
    run Synchronizer(1);
    run Poller(2)
#else
    run Synchronizer(1);
    run Caller()
#endif
  }
}
