package dev.virq.irqchip;

import java.util.List;

/**
 * Told when the guest acknowledges an interrupt: {@code kvm_irq_ack_notifier}. Called on the thread
 * that acknowledges, without the chip lock: it may drive lines.
 */
public interface AckNotifier {
  /** The line it is about. */
  long gsi();

  /**
   * The end of an interrupt of the line: what holds it high has to look again.
   *
   * @return numbers of those that were told
   */
  List<Long> acknowledged();

  /**
   * The line was unmasked while an interrupt waited: as an end, but the line stays as it is.
   *
   * @return numbers of those that were told
   */
  List<Long> unmasked();
}
