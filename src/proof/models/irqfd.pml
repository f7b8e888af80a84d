/*
 * The life cycle of an irqfd, with the steps of dev.virq.irqfd, eventfd, vm and workqueue: signals,
 * injections, assign, hang-up, the VM's close, and another holder of the VM. The grace period is
 * taken at its word (srcu.pml checks it): it ends when the section that was open has ended.
 *
 * One VM, irqfd 0 on eventfd 0; with -DOTHER irqfd 1 on eventfd 1 as well. Who takes part:
 * -DSIGNALS=n    n writes to eventfd 0         -DASSIGN  irqfd 0 is assigned meanwhile, with an
 * -DQUEUED       one injection waits at start            event pending before; else it is bound
 * -DNO_VM_FILE   assign holds no reference to the VM's descriptor, so that the VM may close under it
 * -DHANGUP       eventfd 0 is closed           -DHOLDER  somebody looks the VM up and lets go
 * -DRELEASE      the VM is closed              -DTWICE   both closes are asked for twice
 *
 * Checked: the reference of an irqfd is not put while an injection is between [4] and [1]; no line
 * is driven and no lock taken after the VM's last reference; nothing touches an
 * irqfd after it was freed or a domain after its clean-up; freed once, destroyed once; a pointer
 * that is null stays null; what is freed is neither hooked nor listed; callbacks = queued +
 * coalesced, queued = injected + severed; every accepted write is followed by an injection that
 * starts after it; the line ends low; no reference is left; nobody hangs.
 *
 * Mutants, each to be violated in at least one scenario:
 * -DW1   the loser of the swap does not wait: the 2009 patch (D2)
 * -DW2   the VM is put before the grace period
 * -DW4   injections are flushed with the VM's lock held
 * -DW5   the grace period is waited for with the VM's lock held
 * -DW6   the request is taken after the injection instead of before
 * -DW7   no test for a pending event at assign
 * -DW9   assign holds no descriptor references while it runs
 * -DW10  assign lists its irqfd although the VM is closing (with -DNO_VM_FILE: it can be)
 * -DW11  a reference is taken from a count of zero
 * -DW13  the VM's close frees without owning the tear-down
 * -DW14  the counter is not consumed at the unhook
 * -DW18  the tear-down runs on the injection worker
 * -DW19  the flush cancels the waiting item
 * -DW23  a second close hangs up again, and hang-up does not claim the tear-down
 */
#ifdef OTHER
#define IRQFDS 2
#else
#define IRQFDS 1
#endif
#ifndef SIGNALS
#define SIGNALS 0
#endif

#define IDLE 0
#define PENDING 1
#define RUNNING 2
#define RUNNING_PENDING 3

#define NOBODY 0
#define HUP 1
#define VM 2

typedef Irqfd {
  bool hooked; bool listed; bool kvm; bool dead; bool freed; bool severed; bool clean;
  byte owner; byte severer; byte cleanup;
  byte work; byte runs; bool lead;
  byte section; /* odd while an injection is in its read section */
  bool using;   /* and got the VM there: between [4] and [1] */
  byte callbacks; byte queued; byte coalesced; byte injected; byte bailed;
  byte lastWrite; byte lastTaken
}

typedef EventFd { byte refs; bool closed; byte count; bool lock }

Irqfd irqfd[IRQFDS];
EventFd efd[IRQFDS];
byte vmRefs;     /* kvm_get, kvm_put */
byte vmFile;     /* references to the VM's descriptor */
bool vmLock;
bool destroyed;
bool closing;
bool releasing;
bool line;
byte unfinished;   /* participants that have not ended */

inline lockVm() { atomic { !vmLock -> vmLock = true; assert(vmRefs > 0) } }

inline unlockVm() { vmLock = false }

inline putVm() {
  d_step {
    assert(vmRefs > 0);
    vmRefs--;
    if
    :: vmRefs == 0 -> assert(!destroyed); destroyed = true
    :: else
    fi
  }
}

/* Wait-queue lock held. */
inline wakeIn(f) {
  assert(!irqfd[f].freed);
  irqfd[f].callbacks++;
  if
  :: d_step { !irqfd[f].lead -> irqfd[f].lead = true }
    irqfd[f].queued++;
    d_step {
      if
      :: irqfd[f].work == IDLE -> irqfd[f].work = PENDING
      :: irqfd[f].work == RUNNING -> irqfd[f].work = RUNNING_PENDING
      :: else
      fi
    }
  :: else -> irqfd[f].coalesced++
  fi
}

inline wakeHup(f) {
  assert(!irqfd[f].freed);
#ifdef W23
  irqfd[f].owner = HUP;
  irqfd[f].cleanup++;
#else
  if
  :: d_step { irqfd[f].owner == NOBODY -> irqfd[f].owner = HUP }
    irqfd[f].cleanup++
  :: else
  fi
#endif
}

inline putEventFd(f) {
  d_step { efd[f].refs--; last = (efd[f].refs == 0) }
  if
  :: last ->
    atomic { !efd[f].lock -> efd[f].lock = true }
    efd[f].closed = true;
    if
    :: irqfd[f].hooked -> wakeHup(f)
    :: else
    fi;
    efd[f].lock = false
  :: else
  fi
}

inline putVmFile() {
  d_step { vmFile--; last = (vmFile == 0) }
  if
  :: last -> releasing = true
  :: else
  fi
}

inline flush(f) {
#ifdef W19
  if
  :: d_step { irqfd[f].work == PENDING -> irqfd[f].work = IDLE }
  :: else
  fi;
#endif
  d_step {
    target = irqfd[f].runs;
    if
    :: irqfd[f].work == PENDING || irqfd[f].work == RUNNING -> target = target + 1
    :: irqfd[f].work == RUNNING_PENDING -> target = target + 2
    :: else
    fi
  }
  irqfd[f].runs >= target
}

inline unhookAndFlush(f) {
  atomic { !efd[f].lock -> efd[f].lock = true }
  if
  :: irqfd[f].hooked ->
    irqfd[f].hooked = false;
#ifndef W14
    efd[f].count = 0
#endif
  :: else
  fi;
  efd[f].lock = false;
#ifdef W4
  lockVm();
#endif
  flush(f);
#ifdef W4
  unlockVm();
#endif
}

/* won says whether this was the one that swapped. */
inline swap(f, cause) {
  if
  :: d_step { irqfd[f].severer == NOBODY -> irqfd[f].severer = cause }
    assert(irqfd[f].kvm);
    irqfd[f].kvm = false;
    won = true
  :: else -> won = false
  fi
}

inline severFrom(f) {
  lockVm();
  irqfd[f].listed = false;
#ifndef W5
  unlockVm();
#endif
#ifdef W2
  assert(!irqfd[f].using);
  putVm();
#endif
  assert(!irqfd[f].clean);
  target = irqfd[f].section;
  (target & 1) == 0 || irqfd[f].section != target;
  assert(!irqfd[f].clean && !irqfd[f].freed);
#ifdef W5
  unlockVm();
#endif
#ifndef W2
  assert(!irqfd[f].using);
  putVm();
#endif
  irqfd[f].severed = true
}

inline awaitSevered(f) {
#ifndef W1
  irqfd[f].severed
#else
  skip
#endif
}

inline free(f) {
  assert((irqfd[f].section & 1) == 0);
  assert(!irqfd[f].clean);
  irqfd[f].clean = true;
  assert(!irqfd[f].freed && !irqfd[f].kvm && !irqfd[f].hooked && !irqfd[f].listed);
  irqfd[f].freed = true
}

inline shutdown(f) {
  unhookAndFlush(f);
  swap(f, HUP);
  if
  :: won -> severFrom(f)
  :: else -> awaitSevered(f)
  fi;
  free(f)
}

proctype Injector(byte f) {
  bool got;
#ifdef W18
  bool won;
  byte target;
#endif
end:
  do
#ifdef W18
  :: irqfd[f].cleanup > 0 ->
    irqfd[f].cleanup--;
    shutdown(f)
#endif
  :: d_step { irqfd[f].work == PENDING -> irqfd[f].work = RUNNING }
#ifndef W6
    d_step { irqfd[f].lead = false; irqfd[f].lastTaken = irqfd[f].lastWrite }
#else
    irqfd[f].lastTaken = irqfd[f].lastWrite;
#endif
    assert(!irqfd[f].clean);
    irqfd[f].section++;
    d_step { got = irqfd[f].kvm; irqfd[f].using = got } /* [4] */
    if
    :: got ->
      lockVm();
      assert(!destroyed && !line);
      line = true;
      assert(!destroyed);
      line = false;
      unlockVm();
      irqfd[f].injected++
    :: else -> irqfd[f].bailed++
    fi;
    assert(!irqfd[f].freed && !irqfd[f].clean);
    d_step { irqfd[f].section++; irqfd[f].using = false } /* [1] */
#ifdef W6
    irqfd[f].lead = false;
#endif
    d_step {
      got = false;
      irqfd[f].runs++;
      if
      :: irqfd[f].work == RUNNING_PENDING -> irqfd[f].work = PENDING
      :: else -> irqfd[f].work = IDLE
      fi
    }
  od
}

#ifndef W18
proctype Cleaner(byte f) {
  bool won;
  byte target;
end:
  do
  :: irqfd[f].cleanup > 0 ->
    irqfd[f].cleanup--;
    shutdown(f)
  od
}
#endif

proctype Writer() {
  byte n;
  bool last, ok;
  do
  :: n == SIGNALS -> break
  :: else ->
    n++;
    d_step { ok = efd[0].refs > 0; efd[0].refs = efd[0].refs + ok }
    if
    :: ok ->
      atomic { !efd[0].lock -> efd[0].lock = true }
      assert(!efd[0].closed);
      if
      :: irqfd[0].hooked -> efd[0].count = 0; irqfd[0].lastWrite++; wakeIn(0)
      :: else -> efd[0].count = 1
      fi;
      efd[0].lock = false;
      putEventFd(0)
    :: else
    fi
  od;
  unfinished--
}

/* Closes eventfd f: its table entry goes once, whoever drops the last reference hangs up. */
proctype CloseEventFd(byte f; bool first) {
  bool last;
#ifdef W23
  atomic { !efd[f].lock -> efd[f].lock = true }
  efd[f].closed = true;
  if
  :: irqfd[f].hooked -> wakeHup(f)
  :: else
  fi;
  efd[f].lock = false;
#else
  if
  :: first -> putEventFd(f)
  :: else
  fi;
#endif
  unfinished--
}

proctype CloseVm(bool first) {
  bool last;
  if
  :: first -> putVmFile()
  :: else
  fi;
  unfinished--
}

inline releaseBy(f, reference) {
  if
  :: reference -> severFrom(f)
  :: else -> awaitSevered(f)
  fi;
#ifdef W13
  irqfd[f].owner = VM;
  unhookAndFlush(f);
  free(f)
#else
  if
  :: d_step { irqfd[f].owner == NOBODY -> irqfd[f].owner = VM }
    unhookAndFlush(f);
    free(f)
  :: else
  fi
#endif
}

/* The work behind the last reference to the VM's descriptor. */
proctype Release() {
  bool won, mine0, mine1, found0, found1;
  byte target;
end:
  releasing;
  lockVm();
  closing = true;
  found0 = irqfd[0].listed;
  irqfd[0].listed = false;
#ifdef OTHER
  found1 = irqfd[1].listed;
  irqfd[1].listed = false;
#endif
  unlockVm();
  if
  :: found0 -> swap(0, VM); mine0 = won
  :: else
  fi;
#ifdef OTHER
  if
  :: found1 -> swap(1, VM); mine1 = won
  :: else
  fi;
#endif
  if
  :: found0 -> releaseBy(0, mine0)
  :: else
  fi;
#ifdef OTHER
  if
  :: found1 -> releaseBy(1, mine1)
  :: else
  fi;
#endif
  putVm();
  unfinished--
}

#ifdef ASSIGN
proctype Assign() {
  bool ok, got, won, last;
  byte target;
#ifdef W9
  ok = efd[0].refs > 0 && vmFile > 0;
#else
  d_step {
    ok = efd[0].refs > 0 && vmFile > 0;
    efd[0].refs = efd[0].refs + ok;
#ifndef NO_VM_FILE
    vmFile = vmFile + ok
#endif
  }
#endif
  if
  :: ok ->
#ifdef W11
    vmRefs++;
    got = true;
#else
    d_step { got = vmRefs > 0; vmRefs = vmRefs + got }
#endif
    if
    :: got ->
      irqfd[0].kvm = true;
      atomic { !efd[0].lock -> efd[0].lock = true }
      if
      :: efd[0].closed -> efd[0].lock = false; irqfd[0].kvm = false; putVm()
      :: else ->
        irqfd[0].hooked = true;
#ifndef W7
        if
        :: efd[0].count > 0 -> irqfd[0].lastWrite++; wakeIn(0)
        :: else
        fi;
#else
        irqfd[0].lastWrite = irqfd[0].lastWrite + (efd[0].count > 0);
#endif
        efd[0].lock = false;
        lockVm();
        if
#ifndef W10
        :: closing ->
          unlockVm();
          if
          :: d_step { irqfd[0].owner == NOBODY -> irqfd[0].owner = VM } shutdown(0)
          :: else
          fi
        :: else ->
#else
        :: true ->
#endif
          irqfd[0].listed = true;
          unlockVm()
        fi
      fi
    :: else
    fi;
#ifndef W9
#ifndef NO_VM_FILE
    putVmFile();
#endif
    putEventFd(0)
#endif
  :: else
  fi;
  unfinished--
}
#endif

/* A lookup on the way to the VM, by whoever still knows it. */
proctype Holder() {
  bool got;
#ifdef W11
  vmRefs++;
  got = true;
#else
  d_step { got = vmRefs > 0; vmRefs = vmRefs + got }
#endif
  if
  :: got ->
    lockVm();
    assert(!destroyed);
    unlockVm();
    putVm()
  :: else
  fi;
  unfinished--
}

#define QUIET(f) \
  (irqfd[f].work == IDLE && irqfd[f].cleanup == 0 \
    && (irqfd[f].owner == NOBODY || irqfd[f].freed))

inline atRest(f) {
  assert(irqfd[f].callbacks == irqfd[f].queued + irqfd[f].coalesced);
  assert(irqfd[f].queued == irqfd[f].injected + irqfd[f].bailed);
  assert(!irqfd[f].lead && irqfd[f].lastTaken == irqfd[f].lastWrite);
  assert(irqfd[f].freed == (irqfd[f].owner != NOBODY));
  assert(!irqfd[f].freed || (!irqfd[f].hooked && !irqfd[f].listed && !irqfd[f].kvm));
  assert(!irqfd[f].freed || irqfd[f].clean);
  assert(efd[f].refs > 0 || !irqfd[f].hooked)
}

/* At the very end, when nothing else can move: timeout is true only then. */
active proctype AtRest() {
end:
  timeout ->
  assert(unfinished == 0);
  assert(QUIET(0));
  atRest(0);
#ifdef OTHER
  assert(QUIET(1));
  atRest(1);
#endif
#if defined(ASSIGN) && !defined(RELEASE) && SIGNALS == 0
  assert(efd[0].count == 0 || irqfd[0].hooked || irqfd[0].callbacks == 0);
#endif
  assert(!line && !vmLock);
#ifdef RELEASE
  assert(vmRefs == 0 && destroyed)
#endif
}

init {
  atomic {
    vmRefs = 1;
    vmFile = 1;
    efd[0].refs = 1;
#ifdef ASSIGN
    efd[0].count = 1;
#else
    irqfd[0].hooked = true;
    irqfd[0].listed = true;
    irqfd[0].kvm = true;
    vmRefs++;
#endif
#ifdef OTHER
    efd[1].refs = 1;
    irqfd[1].hooked = true;
    irqfd[1].listed = true;
    irqfd[1].kvm = true;
    vmRefs++;
#endif
#ifdef QUEUED
    irqfd[0].lead = true;
    irqfd[0].work = PENDING;
    irqfd[0].callbacks = 1;
    irqfd[0].queued = 1;
    irqfd[0].lastWrite = 1;
#endif
    run Injector(0);
#ifndef W18
    run Cleaner(0);
#endif
#ifdef OTHER
    run Injector(1);
#ifndef W18
    run Cleaner(1);
#endif
#endif
#if SIGNALS > 0
    unfinished++;
    run Writer();
#endif
#ifdef HANGUP
    unfinished++;
    run CloseEventFd(0, true);
#ifdef OTHER
    unfinished++;
    run CloseEventFd(1, true);
#endif
#ifdef TWICE
    unfinished++;
    run CloseEventFd(0, false);
#endif
#endif
#ifdef RELEASE
    unfinished = unfinished + 2;
    run Release();
    run CloseVm(true);
#ifdef TWICE
    unfinished++;
    run CloseVm(false);
#endif
#endif
#ifdef ASSIGN
    unfinished++;
    run Assign();
#endif
#ifdef HOLDER
    unfinished++;
    run Holder();
#endif
  }
}
