/*
 * Growth of the counter cells while a grace period sums them. A grown array holds the same cells
 * and new ones, and counts are never moved. The sum of begins has to use an array loaded after the
 * last end was read: a section begun in a cell that the array misses and ended in one that it has
 * would cancel another section that is still open.
 *
 * The domain starts with one cell; a reader may grow it to two. One unlink, one grace period, both
 * ranks.
 *
 * Mutants, each to be violated:
 * -DM21        one array for both sums
 * -DM21_ORDER  the array of the begins loaded before the ends are read
 */
#define CELL(stripe, rank) ((stripe) * 2 + (rank))

byte idx;
byte size = 1;
byte begun[4];
byte ended[4];
bool linked = true;
bool freed;

proctype Reader(bool grows) {
  byte section, rank, cell;
  bool got;
  do
  :: section == 1 + grows -> break
  :: else ->
    section++;
    rank = idx;
    if
    :: grows && size == 1 -> size = 2
    :: true
    fi;
    if
    :: cell = CELL(0, rank)
    :: size == 2 -> cell = CELL(1, rank)
    fi;
    begun[cell]++;
    got = linked;
    if
    :: got -> assert(!freed)
    :: else
    fi;
    if
    :: got -> assert(!freed)
    :: else
    fi;
    got = false;
    if
    :: cell = CELL(0, rank)
    :: size == 2 -> cell = CELL(1, rank)
    fi;
    ended[cell]++;
    cell = 0
  od
}

inline awaitQuiet(rank) {
  do
  :: array = size;
#ifdef M21_ORDER
    later = size;
#endif
    ends = ended[CELL(0, rank)];
    if
    :: array == 2 -> ends = ends + ended[CELL(1, rank)]
    :: else
    fi;
#ifdef M21
    later = array;
#else
#ifndef M21_ORDER
    later = size;
#endif
#endif
    begins = begun[CELL(0, rank)];
    if
    :: later == 2 -> begins = begins + begun[CELL(1, rank)]
    :: else
    fi;
    if
    :: ends == begins -> break
    :: else
    fi
  od
}

active proctype Updater() {
  byte array, later, ends, begins;
  linked = false;
  awaitQuiet(1);
  idx = 1;
  awaitQuiet(0);
  freed = true
}

init {
  atomic {
    run Reader(false);
    run Reader(true)
  }
}
