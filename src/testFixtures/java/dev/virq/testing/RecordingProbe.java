package dev.virq.testing;

import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.List;

/** A probe that keeps what it saw, in order. Any thread; for tests of bounded length. */
public final class RecordingProbe implements Probe {
  /**
   * A thread that passed a tracepoint.
   *
   * @param point which
   * @param subject the objects concerned
   * @param value as the tracepoint has it
   * @param detail as the tracepoint has it
   * @param thread who
   */
  public record Hit(Tracepoint point, Subject subject, long value, Detail detail, Thread thread) {}

  // Guarded by this.
  private final List<Hit> hits = new ArrayList<>();

  @Override
  public synchronized void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    hits.add(new Hit(point, subject, value, detail, Thread.currentThread()));
  }

  /** All so far, in order. */
  public synchronized List<Hit> hits() {
    return List.copyOf(hits);
  }

  /** Those at one tracepoint, in order. */
  public List<Hit> at(Tracepoint point) {
    return hits().stream().filter(hit -> hit.point() == point).toList();
  }

  /** How many there were at one tracepoint. */
  public int count(Tracepoint point) {
    return at(point).size();
  }

  /** How many there were at one tracepoint for one irqfd. */
  public long count(Tracepoint point, long irqfd) {
    return at(point).stream().filter(hit -> hit.subject().irqfdId() == irqfd).count();
  }

  /** The last one at a tracepoint. */
  public Hit last(Tracepoint point) {
    return at(point).getLast();
  }

  /** The tracepoints passed on behalf of one irqfd, in order. */
  public List<Tracepoint> of(long irqfd) {
    return hits().stream().filter(hit -> hit.subject().irqfdId() == irqfd).map(Hit::point).toList();
  }
}
