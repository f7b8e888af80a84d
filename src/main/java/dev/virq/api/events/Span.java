package dev.virq.api.events;

import dev.virq.errno.ObjectId;
import dev.virq.trace.Outcome;
import dev.virq.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/**
 * Something that lasts, as far as one event says it: an end belongs to the last begin of the same
 * name before it. Two of the same name are never open at once.
 *
 * @param kind what lasts
 * @param name of this one
 * @param begins whether the event is the begin
 */
record Span(Kind kind, String name, boolean begins) {
  /** What lasts. */
  enum Kind {
    /** A read section of an irqfd's SRCU domain. */
    SECTION("section"),
    /** A hold of {@code kvm->lock}. */
    LOCK("lock"),
    /** A tear-down waits for queued injections. */
    FLUSH("flush"),
    /** A grace period. */
    GRACE("grace"),
    /** A thread stands at a breakpoint. */
    HOLD("hold");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** Its name for people. */
    String word() {
      return word;
    }
  }

  /** What an event begins or ends, or null. */
  static @Nullable Span of(TraceEvent event) {
    return switch (event.point()) {
      case INJECT_LOCKED, INJECT_AT_ONCE -> onThread(Kind.SECTION, event, true);
      case SIGNAL_FINISHED -> endsSection(event) ? onThread(Kind.SECTION, event, false) : null;
      case INJECT_MUTEX -> onThread(Kind.LOCK, event, true);
      case LOCK_RELEASED -> onThread(Kind.LOCK, event, false);
      case HUP_FLUSHING -> of(Kind.FLUSH, subject(event), true);
      case HUP_FLUSHED -> of(Kind.FLUSH, subject(event), false);
      case SYNC_BEGIN -> of(Kind.GRACE, subject(event), true);
      case SYNC_END -> of(Kind.GRACE, subject(event), false);
      case BREAKPOINT_PARKED -> hold(event, true);
      case BREAKPOINT_RELEASED, BREAKPOINT_EXPIRED -> hold(event, false);
      default -> null;
    };
  }

  /** A signal that nothing was injected for never was in a section. */
  private static boolean endsSection(TraceEvent event) {
    String outcome = event.detail();
    return outcome != null
        && !outcome.equals(Outcome.NOT_BOUND.name())
        && !outcome.equals(Outcome.COALESCED_PENDING.name());
  }

  /** A message that is sent at once can meet an injection of the same irqfd on another thread. */
  private static Span onThread(Kind kind, TraceEvent event, boolean begins) {
    return of(kind, subject(event) + "/" + event.thread(), begins);
  }

  /** Another thread lets it go, so it is named by what the thread that is held deals with. */
  private static Span hold(TraceEvent event, boolean begins) {
    return of(Kind.HOLD, ObjectId.BREAKPOINT.of(event.value()) + "/" + subject(event), begins);
  }

  private static Span of(Kind kind, String what, boolean begins) {
    return new Span(kind, kind.word() + "/" + what, begins);
  }

  private static String subject(TraceEvent event) {
    if (event.irqfd() != 0) {
      return ObjectId.IRQFD.of(event.irqfd());
    }
    if (event.eventfd() != 0) {
      return ObjectId.EVENTFD.of(event.eventfd());
    }
    return event.vm() == 0 ? "-" : ObjectId.VM.of(event.vm());
  }
}
