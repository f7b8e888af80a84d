package dev.virq.irqchip;

import java.util.List;

/**
 * Notified when the guest acknowledges an interrupt: {@code kvm_irq_ack_notifier}. Called on the
 * thread that acknowledges, without the chip lock: it may drive lines.
 */
public interface AckNotifier {
  /** The line it is about. */
  long gsi();

  /**
   * An interrupt of the line has ended: whatever holds the line high has to look again.
   *
   * @return numbers of the irqfds that were notified
   */
  List<Long> acknowledged();

  /**
   * The line was unmasked while an interrupt waited: like an end, but the line stays as it is.
   *
   * @return numbers of the irqfds that were notified
   */
  List<Long> unmasked();
}
