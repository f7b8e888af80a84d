package dev.virq.script;

import static dev.virq.script.Operand.BYTES;
import static dev.virq.script.Operand.MSR;
import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.PORT_BYTES;
import static dev.virq.script.Operand.TIMES;
import static dev.virq.script.Operand.U16;
import static dev.virq.script.Operand.U32;
import static dev.virq.script.Operand.U64;
import static dev.virq.script.Operand.U8;
import static dev.virq.script.Verb.declare;

import dev.virq.host.VcpuCalls;
import dev.virq.irqchip.Access;
import dev.virq.irqchip.GuestPort;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The operations of a guest: {@code guest_*} and {@code pic_ack}. */
final class GuestOperations {
  private static final String HANDLED = "handled";

  static final List<Verb> VERBS =
      List.of(
          declare("guest_out", NAME, NAME, U16, U8)
              .help("Write a byte to a port")
              .calls(
                  writes((guest, vcpu, op) ->
                      guest.out(vcpu, (int) op.number(2), (int) op.number(3)))),
          declare("guest_in", NAME, NAME, U16)
              .help("Read a byte from a port")
              .calls(reads(op -> 1, (guest, vcpu, op) -> guest.in(vcpu, (int) op.number(2)))),
          declare("guest_port_write", NAME, NAME, U16, PORT_BYTES, U32)
              .help("Write 1, 2 or 4 bytes to a port: port, how many bytes, value")
              .calls(
                  writes((guest, vcpu, op) ->
                      guest.out(vcpu, (int) op.number(2), bytes(op), (int) op.number(4)))),
          declare("guest_port_read", NAME, NAME, U16, PORT_BYTES)
              .help("Read 1, 2 or 4 bytes from a port")
              .calls(
                  reads(
                      GuestOperations::bytes,
                      (guest, vcpu, op) -> guest.in(vcpu, (int) op.number(2), bytes(op)))),
          declare("guest_memory_write", NAME, NAME, U32, BYTES, U64)
              .help(
                  "Write 1, 2, 4 or 8 bytes where the chips' registers are: address, how many"
                      + " bytes, value")
              .calls(
                  writes((guest, vcpu, op) ->
                      guest.store(vcpu, op.number(2), bytes(op), op.number(4)))),
          declare("guest_memory_read", NAME, NAME, U32, BYTES)
              .help("Read 1, 2, 4 or 8 bytes where the chips' registers are")
              .calls(
                  reads(
                      GuestOperations::bytes,
                      (guest, vcpu, op) -> guest.load(vcpu, op.number(2), bytes(op)))),
          declare("guest_lapic_write", NAME, NAME, U32, U32)
              .help("Write a register of the vCPU's local APIC")
              .calls(
                  writes((guest, vcpu, op) ->
                      guest.lapicWrite(vcpu, op.number(2), (int) op.number(3)))),
          declare("guest_lapic_read", NAME, NAME, U32)
              .help("Read a register of the vCPU's local APIC")
              .calls(
                  reads(
                      op -> Integer.BYTES,
                      (guest, vcpu, op) -> guest.lapicRead(vcpu, op.number(2)))),
          declare("guest_wrmsr", NAME, NAME, MSR, U64)
              .help(
                  "Write a model-specific register: 0x1b, the APIC base, 0x6e0, the deadline of the"
                      + " timer, 0x800 to 0x8ff, the local APIC in x2APIC mode")
              .calls((process, op) -> written(msr(process, op, op.number(3)))),
          declare("guest_rdmsr", NAME, NAME, MSR)
              .help(
                  "Read a model-specific register: 0x1b, the APIC base, 0x6e0, the deadline of the"
                      + " timer, 0x800 to 0x8ff, the local APIC in x2APIC mode")
              .calls((process, op) -> read(Long.BYTES, msr(process, op, null))),
          declare("guest_eoi", NAME, NAME)
              .help("End the highest interrupt in service")
              .calls((process, op) ->
                  written(process.host().vcpus().eoi(process.vm(op), process.vcpu(op)))),
          declare("guest_serve", NAME, NAME, TIMES)
              .help("Take the highest interrupt and end it, so many times or until there is none")
              .calls(GuestOperations::serve),
          declare("guest_ioapic_write", NAME, NAME, U32, U32)
              .help("Write a register of the I/O APIC")
              .calls(
                  writes((guest, vcpu, op) ->
                      guest.ioapicWrite(vcpu, (int) op.number(2), (int) op.number(3)))),
          declare("guest_ioapic_read", NAME, NAME, U32)
              .help("Read a register of the I/O APIC")
              .calls(
                  reads(
                      op -> Integer.BYTES,
                      (guest, vcpu, op) -> guest.ioapicRead(vcpu, (int) op.number(2)))),
          declare("pic_ack", NAME, NAME)
              .help("Take an interrupt of the 8259 pair")
              .calls(GuestOperations::acknowledgePic));

  private GuestOperations() {}

  /** What a vCPU does. */
  private interface GuestAccess {
    Access by(GuestPort guest, long vcpu, Operation op);
  }

  private static Access made(ScriptProcess process, Operation op, GuestAccess access) {
    long vm = process.vm(op);
    long vcpu = process.vcpu(op);
    return process.host().vcpus().guest(vm, vcpu, guest -> access.by(guest, vcpu, op));
  }

  private static Access msr(ScriptProcess process, Operation op, @Nullable Long value) {
    long vm = process.vm(op);
    return process.host().vcpus().guestMsr(vm, process.vcpu(op), op.number(2), value);
  }

  private static Verb.Call writes(GuestAccess access) {
    return (process, op) -> written(made(process, op, access));
  }

  private static Map<String, @Nullable Object> written(Access made) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    addAccess(members, made);
    return members;
  }

  private static Verb.Call reads(ToIntFunction<Operation> bytes, GuestAccess access) {
    return (process, op) -> read(bytes.applyAsInt(op), made(process, op, access));
  }

  /** Where nothing answers, all bits of the bytes are set. */
  private static Map<String, @Nullable Object> read(int bytes, Access made) {
    Long value = made.value();
    long read = value == null ? -1L >>> (64 - 8 * bytes) : value;
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("value", read < 0 ? (Object) new BigInteger(Long.toUnsignedString(read)) : read);
    addAccess(members, made);
    return members;
  }

  /** How many bytes an access has. */
  private static int bytes(Operation op) {
    return (int) op.number(3);
  }

  private static Map<String, @Nullable Object> acknowledgePic(ScriptProcess process, Operation op) {
    Access made = made(process, op, (guest, vcpu, _) -> guest.picAck(vcpu));
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("value", made.value());
    addAccess(members, made);
    // An acknowledgement is not an access that some chip would have to claim.
    members.remove(HANDLED);
    return members;
  }

  private static Map<String, @Nullable Object> serve(ScriptProcess process, Operation op) {
    VcpuCalls.Served served =
        process.host().vcpus().serve(process.vm(op), process.vcpu(op), (int) op.number(2));
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("value", served.times());
    if (served.nmis() > 0) {
      members.put("nmi", served.nmis());
    }
    return members;
  }

  private static void addAccess(Map<String, @Nullable Object> members, Access made) {
    if (made.nmis() > 0) {
      members.put("nmi", made.nmis());
    }
    if (!made.handled()) {
      members.put(HANDLED, false);
    }
    if (made.eoiExit() != null) {
      members.put("eoi_exit", made.eoiExit());
    }
  }
}
