/*
 * How a scan of SrcuDomain goes to sleep and is woken: the Dekker handshake of readUnlock() and
 * sleepUntilQuiet(). Two readers end their sections, one updater waits for both; a lost wake-up
 * shows as a deadlock. Park never returns without a permit here: spurious wake-ups would hide it.
 *
 * The store that publishes the sleeper waits in a buffer until a fence or process Memory empties
 * it; an atomic increment is a full fence, as on x86.
 *
 * -DINTERRUPT   the updater is interrupted once
 *
 * Mutants, each to be violated:
 * -DM19         the sleeper publishes itself after it looked at the counts
 * -DM19_FENCE   it publishes itself first, but without a full barrier before it looks
 * -DM19_READER  the reader looks for a sleeper before it counts its end
 * -DM20         an interrupt ends the wait early
 */
byte open = 2; /* sections not ended */
bool sleeper;     /* published */
bool publishing;  /* in the store buffer */
bool permit;
bool interrupted;

active proctype Memory() {
end:
  do
  :: d_step { publishing -> sleeper = true; publishing = false }
  od
}

active [2] proctype Reader() {
  bool seen;
#ifdef M19_READER
  seen = sleeper;
  open--;
#else
  open--;
  seen = sleeper;
#endif
  if
  :: seen -> permit = true
  :: else
  fi
}

#if defined(INTERRUPT) || defined(M20)
active proctype Interrupt() {
  interrupted = true;
  permit = true
}
#endif

active proctype Updater() {
  byte seen;
#ifndef M19
  publishing = true;
#ifndef M19_FENCE
  !publishing;
#endif
#endif
  do
  :: seen = open;
    if
    :: seen == 0 -> break
    :: else
    fi;
#ifdef M19
    publishing = true;
    !publishing;
#endif
    permit -> permit = false; /* park */
#ifdef M20
    if
    :: interrupted -> break
    :: else
    fi
#endif
  od;
  assert(open == 0)
}
