package dev.virq.script;

import dev.virq.host.Host;
import dev.virq.irqchip.GuestPort;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operations of a guest: {@code guest_*} and {@code pic_ack}. */
final class GuestOperations {
  /** What a load that nobody claims reads. */
  private static final long ALL_ONES = 0xffff_ffffL;

  private final Host host;
  private final Names names;

  GuestOperations(Host host, Names names) {
    this.host = host;
    this.names = names;
  }

  /** Makes the access; the members of its answer. */
  Map<String, @Nullable Object> run(Operation op) {
    long vm = names.requireVm(op.word(0)).id();
    long vcpu = names.requireVcpu(op.word(0), op.word(1));
    GuestPort.Access access = host.vcpus().guest(vm, vcpu, call(op, vcpu));
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    switch (op.verb()) {
      case GUEST_IN -> members.put("value", read(access, 0xff));
      case GUEST_LAPIC_READ, GUEST_IOAPIC_READ -> members.put("value", read(access, ALL_ONES));
      case PIC_ACK -> members.put("value", access.value());
      default -> {}
    }
    if (access.nmis() > 0) {
      members.put("nmi", access.nmis());
    }
    // An acknowledgement is no access that anybody would have to claim.
    if (!access.handled() && op.verb() != Verb.PIC_ACK) {
      members.put("handled", false);
    }
    if (access.eoiExit() != null) {
      members.put("eoi_exit", access.eoiExit());
    }
    return members;
  }

  private static Function<GuestPort, GuestPort.Access> call(Operation op, long vcpu) {
    return switch (op.verb()) {
      case GUEST_OUT -> guest -> guest.out(vcpu, (int) op.number(2), (int) op.number(3));
      case GUEST_IN -> guest -> guest.in(vcpu, (int) op.number(2));
      case GUEST_LAPIC_WRITE -> guest -> guest.lapicWrite(vcpu, op.number(2), (int) op.number(3));
      case GUEST_LAPIC_READ -> guest -> guest.lapicRead(vcpu, op.number(2));
      case GUEST_EOI -> guest -> guest.eoi(vcpu);
      case GUEST_IOAPIC_WRITE ->
          guest -> guest.ioapicWrite(vcpu, (int) op.number(2), (int) op.number(3));
      case GUEST_IOAPIC_READ -> guest -> guest.ioapicRead(vcpu, (int) op.number(2));
      default -> guest -> guest.picAck(vcpu);
    };
  }

  private static long read(GuestPort.Access access, long otherwise) {
    Long value = access.value();
    return value == null ? otherwise : value;
  }
}
