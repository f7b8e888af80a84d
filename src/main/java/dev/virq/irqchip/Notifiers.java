package dev.virq.irqchip;

import dev.virq.chip.Acks;
import dev.virq.routing.Chip;
import dev.virq.routing.RoutingTable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to know of a line's acknowledgements: the resampler of the line, and the PIT of line 0.
 * The last route to a pin says which line it belongs to. Not thread-safe: the chip lock is held. It
 * is released while a resampler is called, which drives lines and signals eventfds; the PIT only
 * takes note.
 */
final class Notifiers implements Acks {
  /** Makes a call with the chip lock released. */
  interface Teller {
    /** The call answers the numbers of the irqfds that it has notified. */
    void tell(Supplier<List<Long>> call);
  }

  private final Supplier<RoutingTable> routing;
  private final Teller teller;
  private final PitWire pit;

  // A tree, for the table of a hash map would stay as large as it ever was.
  private final Map<Long, AckNotifier> notifiers = new TreeMap<>();

  Notifiers(Supplier<RoutingTable> routing, Teller teller, PitWire pit) {
    this.routing = routing;
    this.teller = teller;
    this.pit = pit;
  }

  void add(AckNotifier notifier) {
    if (notifiers.putIfAbsent(notifier.gsi(), notifier) != null) {
      throw new IllegalStateException("GSI " + notifier.gsi() + " has a notifier already");
    }
  }

  void remove(AckNotifier notifier) {
    boolean _ = notifiers.remove(notifier.gsi(), notifier);
  }

  void clear() {
    notifiers.clear();
  }

  private int line(Chip chip, int pin) {
    return routing.get().line(chip, pin);
  }

  private @Nullable AckNotifier notifier(int gsi) {
    return gsi < 0 ? null : notifiers.get((long) gsi);
  }

  @Override
  public void acknowledged(Chip chip, int pin) {
    int gsi = line(chip, pin);
    pit.acknowledged(gsi);
    AckNotifier notifier = notifier(gsi);
    if (notifier != null) {
      teller.tell(notifier::acknowledged);
    }
  }

  @Override
  public boolean hasNotifier(Chip chip, int pin) {
    int gsi = line(chip, pin);
    return notifier(gsi) != null || pit.watches(gsi);
  }

  @Override
  public boolean hasResampler(Chip chip, int pin) {
    return notifier(line(chip, pin)) != null;
  }

  @Override
  public void unmasked(Chip chip, int pin) {
    AckNotifier notifier = notifier(line(chip, pin));
    if (notifier != null) {
      teller.tell(notifier::unmasked);
    }
  }

  @Override
  public void maskCleared(Chip chip, int pin) {
    pit.unmasked(line(chip, pin));
  }
}
