package dev.virq.explore;

import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdState;
import dev.virq.schedule.ControlledScheduler;
import dev.virq.schedule.Halt;
import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.SelfDeadlock;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches one run for what must never happen: what is used or freed after it was freed, and signals
 * that no injection followed.
 *
 * <p>Used by the thread that has the turn, and by the one that makes the run between two plays.
 */
final class Sentinel implements Probe {
  /** Reports of one run that are kept; the first is what went wrong, others follow from it. */
  private static final int KEPT = 16;

  private static final int FRAMES = 24;
  private static final String SRCU = "dev.virq.srcu.";

  private final boolean detailed;
  private final List<Report> reports = new ArrayList<>();
  private final Map<String, Report.Place> freed = new HashMap<>();
  private final Map<Long, String> causes = new HashMap<>();

  /** Writes to irqfds that no injection has followed yet. */
  private final Map<Long, Report.Place> unanswered = new HashMap<>();

  /** Where the reader of an irqfd picked its VM up, while it is in its section. */
  private final Map<Long, Report.Place> readers = new HashMap<>();

  /** Where the grace period of an irqfd is waited for. */
  private final Map<Long, Report.Place> waiting = new HashMap<>();

  private final ControlledScheduler scheduler;

  /** Which irqfd each thread has worked on last. */
  private final Map<String, Long> worksOn = new HashMap<>();

  /**
   * Nothing seen yet.
   *
   * @param scheduler names the threads
   * @param detailed whether stacks are kept
   */
  Sentinel(ControlledScheduler scheduler, boolean detailed) {
    this.scheduler = scheduler;
    this.detailed = detailed;
  }

  /** What was found, in the order of finding. */
  List<Report> reports() {
    return List.copyOf(reports);
  }

  /** What ended the irqfd of that number, or null. */
  @Nullable String cause(long number) {
    return causes.get(number);
  }

  @Override
  public boolean observes(Tracepoint point) {
    return switch (point) {
      case VM_RELEASED, EVENTFD_SIGNALLED, SIGNAL_QUEUED -> true;
      default -> point.pointName() != null;
    };
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    long irqfd = subject.irqfdId();
    String thread = scheduler.current();
    if (irqfd != 0 && thread != null) {
      worksOn.put(thread, irqfd);
    }
    switch (point) {
      case VM_RELEASED -> freed.put("vm-" + subject.vmId(), place(null, null));
      case EVENTFD_SIGNALLED -> {
        if (subject.irqfdId() != 0) {
          unanswered.put(subject.irqfdId(), place(null, null));
        }
      }
      case INJECT_ENTER, INJECT_AT_ONCE -> unanswered.remove(subject.irqfdId());
      case INJECT_DEREFERENCED -> picksUp(subject);
      case INJECT_LOWERED -> readers.remove(subject.irqfdId());
      case SYNC_BEGIN -> waiting.put(irqfd, place(point.pointName(), null));
      case SYNC_END -> waiting.remove(irqfd);
      case PUT_VM -> puts(subject);
      default -> {}
    }
    // Of the irqfd that it has made, a call only tells the number at its end.
    if (subject instanceof Irqfd && point != Tracepoint.ASSIGN_BEFORE_FPUT) {
      String object = "irqfd-" + subject.irqfdId();
      Report.Place gone = freed.get(object);
      if (gone != null && point == Tracepoint.FREE_IRQFD) {
        report(
            Report.Kind.DOUBLE_FREE,
            object,
            object + " freed twice",
            place(point.pointName(), null));
      } else if (gone != null) {
        report(
            Report.Kind.USE_AFTER_FREE,
            object,
            object + " used after it was freed",
            place(point.pointName(), null));
      } else if (point == Tracepoint.FREE_IRQFD) {
        freed.put(object, place(point.pointName(), null));
        String cause = detail.label();
        causes.put(subject.irqfdId(), cause == null ? "NONE" : cause);
      }
    }
  }

  /** A reader has the VM, unless the pointer was swapped before: no thread came in between. */
  private void picksUp(Subject subject) {
    if (subject instanceof Irqfd reader
        && reader.info().state().compareTo(IrqfdState.DISCONNECTED) < 0) {
      readers.put(reader.irqfdId(), place(Tracepoint.INJECT_DEREFERENCED.pointName(), null));
    }
  }

  private void puts(Subject subject) {
    Report.Place reader = readers.get(subject.irqfdId());
    if (reader != null) {
      report(
          Report.Kind.PUT_UNDER_READER,
          "vm-" + subject.vmId(),
          "vm-%d put while a reader of irqfd-%d has it"
              .formatted(subject.vmId(), subject.irqfdId()),
          reader,
          place(Tracepoint.PUT_VM.pointName(), null));
    }
  }

  /** A thread of the run threw. */
  void thrown(Throwable bug) {
    Report.Place where = place(null, bug);
    String sentence = String.valueOf(bug.getMessage());
    StackTraceElement[] stack = bug.getStackTrace();
    if (bug instanceof BrokenLifetime broken) {
      Report.Kind kind =
          switch (broken.kind()) {
            case USE_AFTER_FREE -> Report.Kind.USE_AFTER_FREE;
            case DOUBLE_FREE -> Report.Kind.DOUBLE_FREE;
          };
      report(kind, broken.object(), sentence, where);
    } else if (bug instanceof SelfDeadlock) {
      report(Report.Kind.DEADLOCK, "", "a thread waits for itself: " + sentence, where);
    } else if (bug instanceof IllegalStateException
        && stack.length > 0
        && stack[0].getClassName().startsWith(SRCU)) {
      closedSrcu(sentence, where);
    } else {
      report(Report.Kind.BUG, "", bug.getClass().getSimpleName() + ": " + sentence, where);
    }
  }

  /**
   * The SRCU of an irqfd refused a use after its end, or its end under a use: the kernel would have
   * freed it, together with the irqfd.
   */
  private void closedSrcu(String sentence, Report.Place refused) {
    String thread = scheduler.current();
    long irqfd = thread == null ? 0 : worksOn.getOrDefault(thread, 0L);
    String owner = "irqfd-" + irqfd;
    String object = "srcu of " + owner;
    Report.Place gone = freed.get(owner);
    Report.Place user = waiting.getOrDefault(irqfd, readers.get(irqfd));
    if (gone == null && user != null) {
      report(Report.Kind.USE_AFTER_FREE, object, sentence, user, refused);
    } else {
      report(Report.Kind.USE_AFTER_FREE, object, sentence, refused, gone);
    }
  }

  /** The run was given up. */
  void halted(Halt halt) {
    Report.Kind kind = halt.kind() == Halt.Kind.DEADLOCK ? Report.Kind.DEADLOCK : Report.Kind.STUCK;
    String sentence =
        switch (halt.kind()) {
          case DEADLOCK -> "all threads wait for each other: ";
          case STUCK -> "a thread came to no choice point: ";
          case ENDLESS -> "the run came to no end: ";
          case STOPPED -> "the run was stopped: ";
          case STRAYED -> "the run left its schedule: ";
        };
    String threads = String.join("; ", halt.threads());
    Report.Place where =
        new Report.Place(
            halt.threads().isEmpty() ? "" : halt.threads().getFirst(), "", halt.stack());
    report(kind, "", sentence + threads, where);
  }

  /** The run has ended by itself. */
  void ended() {
    unanswered.forEach((number, written) ->
        report(
            Report.Kind.LOST_SIGNAL,
            "irqfd-" + number,
            "no injection of irqfd-" + number + " began after the last write",
            written));
  }

  private void report(Report.Kind kind, String object, String sentence, Report.Place used) {
    report(kind, object, sentence, used, freed.get(object));
  }

  private void report(
      Report.Kind kind,
      String object,
      String sentence,
      Report.Place used,
      Report.@Nullable Place end) {
    if (reports.size() < KEPT) {
      reports.add(new Report(kind, object, sentence, used, end));
    }
  }

  /**
   * Where the thread that has the turn is.
   *
   * @param point that it passes, or null: then the last one that it passed
   */
  private Report.Place place(@Nullable String point, @Nullable Throwable thrown) {
    String thread = scheduler.current();
    String last = point == null ? scheduler.place() : point;
    List<String> stack = List.of();
    if (detailed) {
      StackTraceElement[] frames =
          thrown == null ? Thread.currentThread().getStackTrace() : thrown.getStackTrace();
      stack =
          Arrays.stream(frames)
              .filter(frame -> frame.getClassName().startsWith("dev.virq."))
              .filter(frame -> !frame.getClassName().startsWith("dev.virq.explore."))
              .filter(frame -> !frame.getClassName().startsWith("dev.virq.trace."))
              .filter(frame -> !frame.getClassName().startsWith("dev.virq.schedule."))
              .limit(FRAMES)
              .map(StackTraceElement::toString)
              .toList();
    }
    return new Report.Place(thread == null ? "" : thread, last == null ? "" : last, stack);
  }
}
