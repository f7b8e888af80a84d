package dev.virq.mutants;

import dev.virq.eventfd.EventFd;
import dev.virq.host.EventfdCalls;
import dev.virq.host.Host;
import dev.virq.host.IrqfdCalls;
import dev.virq.host.VmCalls;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.Irqfds;
import dev.virq.protocol.SafeEnd;
import dev.virq.sandbox.KeptAnswers;
import dev.virq.sandbox.Sandbox;
import dev.virq.sync.RefCount;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.stream.Stream;

/**
 * The broken copies. W: whole-system mutants; M: mutants of the SRCU; C: of the chips; D: a defect
 * brought back.
 */
final class Mutants {

  private static final String TEAR_DOWN =
      "irqfd.EventfdCloseRaceTest#tearDownRunsOnACleanUpWorkerWithNoLockHeld";
  private static final String READER_KEEPS_VM =
      "irqfd.VmCloseRaceTest#readerInsideItsSectionKeepsTheVm";
  private static final String HANG_UP_LOSES =
      "irqfd.VmCloseRaceTest#hangUpThatLosesToTheVmsCloseWaitsForIt";
  private static final String REFUSED = "irqfd.AssignRaceTest#refusedAssignLeavesNothingBehind";

  static final List<Mutant> ALL =
      Stream.of(
              closes(),
              signals(),
              assigns(),
              sandboxes(),
              turns(),
              HandoverMutants.all(),
              inTheMatrix(),
              SrcuMutants.scans(),
              SrcuMutants.waits(),
              ChipMutants.all())
          .flatMap(List::stream)
          .toList();

  private Mutants() {}

  private static List<Mutant> closes() {
    return List.of(
        new Mutant(
            "W1",
            "a hang-up that loses to the VM's close does not wait (D2)",
            HANG_UP_LOSES,
            new Edit(
                Irqfd.class,
                "shutdown",
                "context.protocol().end().lose(() -> WorkQueue.sleeping(this::awaitSevered));",
                "")),
        new Mutant(
            "W1b",
            "a VM's close that loses to a hang-up does not wait",
            "irqfd.VmCloseRaceTest#vmCloseThatLosesToAHangUpWaitsForIt",
            new Edit(
                Irqfd.class,
                "releaseBy",
                "if (won == null) { context.protocol().end().lose(() -> WorkQueue.sleeping(this::awaitSevered)); } else {",
                "if (won != null) {")),
        new Mutant(
            "W2",
            "the VM is put before the grace period",
            READER_KEEPS_VM,
            new Edit(
                SafeEnd.class,
                "letGo",
                "awaitReaders.run(); return put.getAsBoolean();",
                "boolean last = put.getAsBoolean(); awaitReaders.run(); return last;")),
        new Mutant(
            "W2b",
            "the VM is put without a grace period",
            "irqfd.SeededScheduleTest#noScheduleFreesTheVmUnderItsReader",
            new Edit(Irqfd.class, "awaitReaders", "synchronize(cause);", "")),
        new Mutant(
            "W3",
            "the VM is put while its lock is held",
            TEAR_DOWN,
            new Edit(
                Irqfd.class,
                "put",
                "return vm.put();",
                """
                vm.lock();
                try {
                  return vm.put();
                } finally {
                  vm.unlock();
                }
                """)),
        new Mutant(
            "W4",
            "flush under kvm->lock",
            "irqfd.EventfdCloseRaceTest#flushHoldsNoLockThatAnInjectionTakes",
            new Edit(
                Irqfd.class,
                "unhookAndFlush",
                "context.protocol().end().drain("
                    + "() -> injection.flush(this::sleepForInjections));",
                """
                Vm held = kvm.dereference();
                if (held != null) {
                  held.lock();
                }
                try {
                  injection.flush(this::sleepForInjections);
                } finally {
                  if (held != null) {
                    held.unlock();
                  }
                }
                """)),
        new Mutant(
            "W5",
            "synchronize under kvm->lock",
            TEAR_DOWN,
            new Edit(
                Irqfd.class,
                "severFrom",
                "context.protocol().end().letGo(vm, () -> awaitReaders(cause),",
                """
                context.protocol().end().letGo(
                    vm,
                    () -> {
                      vm.lock();
                      try {
                        awaitReaders(cause);
                      } finally {
                        vm.unlock();
                      }
                    },
                """)),
        new Mutant(
            "W12",
            "the VM's list is taken without its lock (D3)",
            "irqfd.VmCloseRaceTest#vmCloseTakesTheListUnderTheVmsLock",
            new Edit(
                Irqfds.class,
                "detach",
                "private List<Irqfd> detach() { vm.lock(); try { closing = true;",
                "private List<Irqfd> detach() { if (vm != null) { closing = true;"),
            new Edit(
                Irqfds.class,
                "detach",
                "return all; } finally { vm.unlock(); }",
                "return all; } else { return List.of(); }")),
        new Mutant(
            "W13",
            "the VM's close frees an irqfd that a hang-up frees too (D4)",
            HANG_UP_LOSES,
            new Edit(
                Irqfd.class,
                "releaseBy",
                "if (claim(EndCause.VM_RELEASE)) { EndCause cause",
                "if (claim(EndCause.VM_RELEASE) || true) { EndCause cause")),
        new Mutant(
            "W14",
            "the eventfd is not drained when it is unhooked (D9)",
            "irqfd.EventfdCloseRaceTest#deassignConsumesTheCounterSoThatNoSpuriousInterruptFollows",
            new Edit(EventFd.class, "unhook", "consume(); return true;", "return true;")),
        new Mutant(
            "W18",
            "tear-down runs on the injection queue (D13)",
            TEAR_DOWN,
            new Edit(
                Irqfd.class,
                "wake",
                "new Work(context.cleanup(), this::shutdown)",
                "new Work(context.injection(), this::shutdown)")),
        new Mutant(
            "W19",
            "flush cancels the queued injection instead of waiting for it",
            "irqfd.EventfdCloseRaceTest#queuedInjectionRunsToItsEndBeforeTheIrqfdIsSevered",
            new Edit(Hidden.INJECTION, "flush", "work.flush(sleeping);", "lead.set(null);"),
            new Edit(
                Hidden.INJECTION,
                "run",
                "if (signal == null) { throw new IllegalStateException"
                    + "(irqfd + \" injects without a request\"); }",
                "if (signal == null) { return; }")),
        new Mutant(
            "W19b",
            "a hang-up does not flush",
            "irqfd.EventfdCloseRaceTest#closeWaitsForTheInjectionWhereverItStands",
            new Edit(Hidden.INJECTION, "flush", "work.flush(sleeping);", "")),
        new Mutant(
            "W22",
            "the VM is destroyed under the wait-queue lock",
            "irqfd.VmCloseRaceTest#whoeverDropsTheLastReferenceDestroysTheVmOnce",
            new Edit(
                Irqfd.class,
                "put",
                "return vm.put();",
                "synchronized (eventfd) { return vm.put(); }")),
        new Mutant(
            "W23",
            "a second close of a VM is not refused",
            "irqfd.VmCloseRaceTest#secondCloseOfAVmIsRefused",
            new Edit(
                Hidden.VM_TABLE,
                "close",
                "if (file.state != VmFile.State.OPEN) { throw closed(file.id()); }",
                "")),
        new Mutant(
            "W27",
            "a closed eventfd is taken off the quota twice",
            TEAR_DOWN,
            new Edit(
                EventfdCalls.class,
                "released",
                "eventfdOf(file).release(); uncount(file);",
                "eventfdOf(file).release(); uncount(file); quota.release();")),
        new Mutant(
            "W32",
            "a routing table is not charged",
            "sandbox.MemoryTest#scriptOfManyTablesIsRefusedPastTheLimitAndNamesIt",
            new Edit(
                Vm.class,
                "setRouting",
                "charge.acquire(Math.max(0, bytes - before), Cost.ROUTING_TABLE); routingBytes ="
                    + " bytes;",
                "")),
        new Mutant(
            "W33",
            "the bytes of an irqfd are not given back",
            "sandbox.MemoryTest#eachKindIsChargedWhenItIsMadeAndGivenBackWhenItIsGone",
            new Edit(Hidden.VM_IRQFD_EVENTS, "giveBack", "memory.release(bytes);", "")),
        new Mutant(
            "W34",
            "a de-assign that waits for another's is not charged",
            "sandbox.MemoryTest#firstDeassignIsNeverRefusedAndFurtherOnesAreChargedWhileTheyWait",
            new Edit(
                IrqfdCalls.class,
                "pay",
                "memory.acquire(bytes, Cost.CLOSE); return bytes;",
                "return 0;")),
        new Mutant(
            "W35",
            "threads that write in bulk take no turns",
            "api.bulk.BulkWritesTest#everyWriteIsAStepOfTheTurnAndOneThreadStepsAtATime",
            new Edit(Hidden.BULK_WRITES, "step", "turn.step();", "")),
        new Mutant(
            "W31",
            "those who wait for an irqfd's end are called one inside the other",
            "irqfd.EventfdCloseRaceTest#manyClosesOfOneHeldIrqfdAllEndWithIt",
            new Edit(
                Hidden.FREED_CALLBACKS,
                "add",
                "callbacks.add(callback);",
                """
                Runnable before = callbacks.isEmpty() ? () -> {} : callbacks.removeFirst();
                callbacks.add(() -> {
                  before.run();
                  callback.run();
                });
                """)),
        new Mutant(
            "D1",
            "the hang-up is torn down inside the wake-up",
            TEAR_DOWN,
            new Edit(
                Irqfd.class,
                "wake",
                "new Work(context.cleanup(), this::shutdown).schedule();",
                "shutdown();")),
        new Mutant(
            "D15a",
            "a sleeping tear-down keeps its worker's place",
            "irqfd.VmCloseRaceTest#readerThatStaysHoldsUpOnlyItsOwnSevering",
            new Edit(Irqfd.class, "sleepForReaders", "WorkQueue.sleeping(wait);", "wait.run();")),
        new Mutant(
            "D15b",
            "a VM's close ends its irqfds one after the other",
            "irqfd.VmCloseRaceTest#readerThatComesWhileTheVmClosesHoldsUpOnlyItsOwnSevering",
            new Edit(
                Irqfds.class,
                "end",
                "new Ends(context.cleanup(), all.size(), each).runAside();",
                "for (int i = 0; i < all.size(); i++) { each.accept(i); }")));
  }

  private static List<Mutant> signals() {
    return List.of(
        new Mutant(
            "W6",
            "the pending request is taken after the run",
            "irqfd.SignalRaceTest#signalThatComesWhileTheInjectionRunsLeadsToAnother",
            new Edit(Hidden.INJECTION, "run", "lead.begin();", "lead.get();"),
            new Edit(
                Hidden.INJECTION,
                "run",
                "inject(signal); } finally {",
                "inject(signal); } finally { lead.set(null);")),
        new Mutant(
            "W6b",
            "a request to work that runs is forgotten",
            "irqfd.SignalRaceTest#signalThatComesWhileTheInjectionRunsLeadsToAnother",
            new Edit(
                Work.class,
                "request",
                "if (moves(seen, State.RUNNING_PENDING)) { return Scheduled.RERUN; }",
                "return Scheduled.RERUN;")),
        new Mutant(
            "W8",
            "wake-up flags are compared for equality (D6)",
            "irqfd.EventfdCloseRaceTest#wakeUpWithSeveralEventsServesEach",
            new Edit(
                Irqfd.class,
                "wake",
                "if (key.carries(events, POLLIN)) {",
                "if (events == POLLIN) {"),
            new Edit(
                Irqfd.class,
                "wake",
                "if (key.carries(events, POLLHUP)) {",
                "if (events == POLLHUP) {")),
        new Mutant(
            "W16",
            "the line is not lowered when the injection fails",
            "irqfd.SignalRaceTest#lineGoesDownWhenTheInjectionFailsBetweenItsEdges",
            new Edit(
                Hidden.INJECTION,
                "drive",
                "return status; } finally { int _ = now.setIrq(IrqSource.USER, irqfd.gsi(), false);"
                    + " probe.hit(Tracepoint.LINE_LOWERED, irqfd); }",
                "int _ = now.setIrq(IrqSource.USER, irqfd.gsi(), false); return status; } finally {"
                    + " }")),
        new Mutant(
            "W17",
            "the line is driven without kvm->lock",
            "irqfd.SignalRaceTest#pairsOfOneLineNeverInterleave",
            new Edit(Hidden.INJECTION, "pulse", "vm.lock();", ""),
            new Edit(Hidden.INJECTION, "pulse", "vm.unlock();", "")),
        new Mutant(
            "W20",
            "a merged signal is not counted",
            "irqfd.SignalRaceTest#writesWhileAnInjectionIsQueuedAreMergedWithIt",
            new Edit(Hidden.INJECTION, "request", "countCoalesced();", "")),
        new Mutant(
            "W26",
            "a write returns before its wake-up has run",
            "irqfd.SignalRaceTest#writeReturnsAfterItsWakeUpHasRun",
            new Edit(
                EventFd.class,
                "wakeUp",
                "hooked.wake(PollEvent.POLLIN, signal);",
                """
                Thread.ofVirtual()
                    .start(
                        () -> {
                          synchronized (this) {
                            hooked.wake(PollEvent.POLLIN, signal);
                          }
                        });
                """)));
  }

  private static List<Mutant> assigns() {
    return List.of(
        new Mutant(
            "W7",
            "assign does not look at what was written before (D5)",
            "irqfd.SignalRaceTest#valueWrittenBeforeAssignIsInjectedOnce",
            new Edit(
                EventFd.class,
                "hook(WaitQueueEntry, Signal, SecondWaiter)",
                "if ((events & PollEvent.POLLIN) != 0) {",
                "if ((events & PollEvent.POLLHUP) != 0) {")),
        new Mutant(
            "W9",
            "an irqfd is listed before it is hooked (D12)",
            REFUSED,
            new Edit(
                Irqfds.class,
                "bind",
                "boolean bound = false;",
                "boolean bound = false; list(irqfd);")),
        new Mutant(
            "W10",
            "assign misses the VM's release and stays",
            "irqfd.AssignUndoTest#assignThatMissesTheReleaseOfTheVmTakesItselfDown",
            new Edit(
                Irqfds.class,
                "list",
                "if (closing || irqfd.isSevered()) {",
                "if (irqfd.isSevered()) {")),
        new Mutant(
            "W10b",
            "assign to a closed VM is not refused",
            "irqfd.AssignRaceTest#assignToAClosedVmIsRefusedWhileAnotherCallStillUsesIt",
            new Edit(
                VmCalls.class,
                "held",
                "if (file.state != VmFile.State.OPEN || !hold.take(file.ref)) {",
                "if (!hold.take(file.ref)) {")),
        new Mutant(
            "W11",
            "a reference brings a destroyed VM back",
            "irqfd.AssignUndoTest#referenceToADestroyedVmIsRefusedForGood",
            new Edit(RefCount.class, "tryGet", "if (seen <= 0) { return false; }", "")),
        new Mutant(
            "W15",
            "an eventfd can be bound twice (D10)",
            "irqfd.AssignRaceTest#eventfdIsBoundOnceInWhicheverVm",
            new Edit(
                EventFd.class,
                "hookOnly",
                "bound == null ? waiter : second.beside(id, bound, waiter);",
                "waiter;")),
        new Mutant(
            "D8",
            "a refused assign keeps its reference to the VM",
            REFUSED,
            new Edit(
                Irqfds.class, "class Binding", "if (referenced) { boolean _ = vm.put(); }", "")),
        new Mutant(
            "D11",
            "the eventfd is hooked under kvm->lock",
            "irqfd.SignalRaceTest#valueWrittenBeforeAssignIsInjectedOnce",
            new Edit(
                Irqfds.class,
                "class Binding",
                "eventfd.hook(irqfd, pending, context.protocol().second());",
                """
                vm.lock();
                try {
                  eventfd.hook(irqfd, pending, context.protocol().second());
                } finally {
                  vm.unlock();
                }
                """)),
        new Mutant(
            "D12",
            "an irqfd is listed after it was de-assigned",
            "irqfd.AssignUndoTest#deassignByNumberBeforeTheBindingIsListedLeavesNothingListed",
            new Edit(
                Irqfds.class, "list", "if (closing || irqfd.isSevered()) {", "if (closing) {")));
  }

  private static List<Mutant> sandboxes() {
    return List.of(
        new Mutant(
            "W21",
            "counters are read one after the other",
            "irqfd.SignalRaceTest#countersAreReadAtOneMoment",
            new Edit(
                Hidden.INJECTION_COUNTS,
                "info",
                "long asked = queued;",
                "Thread.yield(); long asked = queued;"),
            new Edit(
                Hidden.INJECTION_COUNTS,
                "info",
                "if (reached == injected && dropped == severed && broken == failed && asked == queued)",
                "if (reached >= 0)")),
        new Mutant(
            "W24",
            "a lease that runs out only forgets the sandbox",
            "sandbox.SandboxTest#leaseThatRunsOutEndsWhatIsInTheSandbox",
            new Edit(
                Sandbox.class,
                "closeIfExpired",
                "return shutDown(EndCause.LEASE, TEARDOWN_NANOS);",
                "return null;")),
        new Mutant(
            "W25",
            "a shutdown does not wait for what is in flight",
            "sandbox.SandboxesTest#callsAreRefusedWhileADrainWaitsForWhatIsInFlight",
            new Edit(
                Hidden.DRAIN,
                "closeEach",
                "complete &= sandbox.host().drain(refusal, left());",
                "complete &= left() >= 0;")),
        new Mutant(
            "W36",
            "an Idempotency-Key says which call it is, whatever its body",
            "sandbox.KeptAnswersTest#anotherCallWithTheKeyIsRefused",
            new Edit(
                KeptAnswers.class,
                "begin",
                "if (!Arrays.equals(there.digest, digest))",
                "if (false)")),
        new Mutant(
            "W37",
            "a worker that sleeps keeps its place",
            "workqueue.WorkQueueTest#workerThatSleepsGivesItsPlaceToAnother",
            new Edit(WorkQueue.class, "sleeping", "if (queue == null ||", "if (BATCH > 0 ||")));
  }

  private static List<Mutant> turns() {
    return List.of(
        new Mutant(
            "W38",
            "a breakpoint is set under a writer that injects",
            "host.WriterInjectsTest#breakpointIsNotSetBeforeWritersThatInjectAreDone",
            new Edit(
                Hidden.PLACES,
                "withoutCallers",
                "while (callersRunning > 0)",
                "while (callersRunning < 0)")),
        new Mutant(
            "W39",
            "a caller runs an item although somebody looks",
            "workqueue.CallersTest#whereCallersMayNotAWorkerRunsIt",
            new Edit(WorkQueue.class, "callerMayRun", "&& callers.mayRun()", "")),
        new Mutant(
            "W40",
            "a caller runs its item before what waits already",
            "workqueue.CallersTest#whatWaitsAlreadyComesFirst",
            new Edit(WorkQueue.class, "callerMayRun", "head == null &&", "")),
        new Mutant(
            "W41",
            "more callers run items than there are places",
            "workqueue.CallersTest#noMoreCallersRunThanWorkersMay",
            new Edit(WorkQueue.class, "callerMayRun", "&& hasPlace()", "")),
        new Mutant(
            "W42",
            "a caller keeps its place",
            "workqueue.CallersTest#callerRunsItsItemInThePlaceOfAWorker",
            new Edit(WorkQueue.class, "runIn", "giveUp(place);", "")),
        new Mutant(
            "W51",
            "a worker that has waited for one end goes on with the next",
            "irqfd.EndsTest#runThatSleptEndsAndAnotherGoesOn",
            new Edit(Hidden.ENDS, "runSome", "if (WorkQueue.hasSlept()) { return; }", "")),
        new Mutant(
            "W52",
            "an end that begins to wait for readers does not tell",
            "irqfd.EndTellsThatItWaitsTest#closeOfAVmThatWaitsForAReader",
            new Edit(Irqfd.class, "sleepForReaders", "context.events().waiting();", "")),
        new Mutant(
            "W53",
            "an end that begins to wait for an injection does not tell",
            "irqfd.EndTellsThatItWaitsTest#deassignThatWaitsForAnInjection",
            new Edit(Irqfd.class, "sleepForInjections", "context.events().waiting();", "")),
        new Mutant(
            "W54",
            "who waits for an object is not told that it is gone",
            "host.GoneIsToldTest#irqfdIsGoneWhileItsVmStillCloses",
            new Edit(Hidden.VM_IRQFD_EVENTS, "freed", "context.inFlight().objectGone();", "")),
        new Mutant(
            "W50",
            "a breakpoint is set under a caller that de-assigns",
            "host.CallerDeassignsTest#breakpointIsNotSetBeforeCallersThatDeassignAreDone",
            new Edit(
                Host.class,
                "setBreakpoint",
                "cleanup.withoutCallers(() -> setWithin(limits, spec))",
                "setWithin(limits, spec)")),
        new Mutant(
            "W43",
            "what a write takes over is lost",
            "host.WriterInjectsTest#signalIsOverWhenItsWriteReturns",
            new Edit(PendingSignal.class, "endWrite", "left.proceed();", "")),
        new Mutant(
            "W44",
            "an injection is made under the wait-queue lock",
            "host.WriterInjectsTest#bindingWithACounterThatIsNotZeroHasAWorkerInject",
            new Edit(Hidden.INJECTION, "request", "work.enqueue();", "work.proceed();")));
  }

  /** Some of the above once more: the race matrix finds them without being told where. */
  private static List<Mutant> inTheMatrix() {
    return Stream.of(
            found("W1", "eventfdCloseAgainstVmClose"),
            found("W2", "signalAgainstVmClose"),
            found("W6", "signalAgainstSignal"),
            found("W13", "eventfdCloseAgainstVmClose"),
            found("W15", "assignAgainstAssign"))
        .toList();
  }

  private static Mutant found(String id, String row) {
    Mutant mutant =
        Stream.of(closes(), signals(), assigns())
            .flatMap(List::stream)
            .filter(one -> one.id().equals(id))
            .findFirst()
            .orElseThrow();
    return new Mutant(
        id + "x",
        mutant.sentence(),
        "irqfd.RaceMatrixTest#" + row,
        mutant.edits().toArray(Edit[]::new));
  }
}
