package dev.virq.script;

import static dev.virq.script.Operand.FIELD;
import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.PIC;
import static dev.virq.script.Operand.ROUTE;
import static dev.virq.script.Operand.U32;
import static dev.virq.script.Operand.U64;
import static dev.virq.script.Operand.U8;
import static dev.virq.script.Verb.declare;

import dev.virq.chip.PicState;
import dev.virq.chip.Redirection;
import dev.virq.host.ChipCalls;
import dev.virq.lapic.LapicState;
import dev.virq.routing.Chip;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations on lines, messages, routes, and on the chips from the host's side. */
final class ChipOperations {
  /** Enabled, and else as after reset. */
  private static final int SVR_ENABLED = 0x1ff;

  static final List<Verb> VERBS =
      List.of(
          declare("irq_line", NAME, U32, U32)
              .help("Raise or lower a line and answer its status")
              .answers((process, op) -> line(process, op, true)),
          declare("irq_line_nostatus", NAME, U32, U32)
              .help("Raise or lower a line")
              .does((process, op) -> line(process, op, false)),
          declare("advance", NAME, U64)
              .help("Let so many nanoseconds pass for the timers; every operation takes 1 ms")
              .does(ChipOperations::advance),
          declare("signal_msi", NAME, U32, U32, U32, U32)
              .lastOptional(2)
              .help("Send a message; address, data, address above 32 bits, flags")
              .answers(ChipOperations::signalMsi),
          declare("routing_set", NAME, ROUTE)
              .lastRepeated()
              .help("Replace the routing table")
              .does(ChipOperations::route),
          declare("get_pic", NAME).help("Show the 8259 pair").answers(ChipOperations::pics),
          declare("pic_set", NAME, PIC, FIELD)
              .lastRepeated()
              .help("Change fields of an 8259")
              .does(ChipOperations::setPic),
          declare("get_ioapic", NAME).help("Show the I/O APIC").answers(ChipOperations::ioapic),
          declare("ioapic_set_redir", NAME, U8, U8, U8, U8, U8, U8, U8, U8)
              .help(
                  "Change a pin: vector, delivery mode, destination mode, destination, mask,"
                      + " trigger mode, polarity")
              .does(ChipOperations::setRedirection),
          declare("ioapic_set", NAME, FIELD)
              .lastRepeated()
              .help("Change fields of the I/O APIC")
              .does(ChipOperations::setIoapic),
          declare("get_lapic", NAME, NAME).help("Show a local APIC").answers(ChipOperations::lapic),
          declare("lapic_enable", NAME, NAME)
              .help("Enable a local APIC, as after reset otherwise")
              .does((process, op) -> setLapic(process, op, Map.of("svr", SVR_ENABLED))),
          declare("lapic_set", NAME, NAME, FIELD)
              .lastRepeated()
              .help("Change fields of a local APIC")
              .does((process, op) -> setLapic(process, op, changes(op, 2))),
          declare("lapic_ack", NAME, NAME)
              .help("Take the best deliverable vector into service")
              .answers(ChipOperations::acknowledge));

  private ChipOperations() {}

  private static int line(ScriptProcess process, Operation op, boolean status) {
    boolean level = op.number(2) != 0;
    return process.host().chips().setLine(process.vm(op), op.number(1), level, status);
  }

  /** Time passes for all VMs; the one that is named only has to be there. */
  private static void advance(ScriptProcess process, Operation op) {
    long _ = process.vm(op);
    long nanos = op.number(1);
    process.host().clock().advance(nanos < 0 ? Long.MAX_VALUE : nanos);
  }

  /** Delivers a message. */
  private static int signalMsi(ScriptProcess process, Operation op) {
    long flags = op.size() == 5 ? op.number(4) : 0;
    long high = op.size() > 3 ? op.number(3) : 0;
    return calls(process).signalMsi(process.vm(op), op.number(1) | high << 32, op.number(2), flags);
  }

  /** Replaces the routing table. */
  private static void route(ScriptProcess process, Operation op) {
    List<String> words = op.operands();
    Routes routes = Routes.of(words.subList(1, words.size()));
    process.host().chips().setRouting(process.vm(op), routes.entries(), routes.flags());
  }

  // ---- 8259 pair and I/O APIC

  private static Map<String, Object> pics(ScriptProcess process, Operation op) {
    Map<String, Object> pair = new LinkedHashMap<>();
    calls(process)
        .chips(
            process.vm(op),
            host -> {
              pair.put("master", ChipFields.of(host.pic(Chip.MASTER)));
              return pair.put("slave", ChipFields.of(host.pic(Chip.SLAVE)));
            });
    return pair;
  }

  private static void setPic(ScriptProcess process, Operation op) {
    Chip half = op.word(1).equals("master") ? Chip.MASTER : Chip.SLAVE;
    Map<String, Integer> changes = changes(op, 2);
    PicState _ =
        calls(process)
            .chips(
                process.vm(op),
                host -> host.changePic(half, state -> ChipFields.with(state, changes)));
  }

  private static Map<String, Object> ioapic(ScriptProcess process, Operation op) {
    return calls(process).chips(process.vm(op), host -> ChipFields.of(host.ioapic()));
  }

  private static void setIoapic(ScriptProcess process, Operation op) {
    Map<String, Integer> changes = changes(op, 1);
    var _ =
        calls(process)
            .chips(
                process.vm(op),
                host -> host.changeIoapic(state -> ChipFields.with(state, changes)));
  }

  private static void setRedirection(ScriptProcess process, Operation op) {
    int pin = (int) op.number(1);
    var _ =
        calls(process)
            .chips(
                process.vm(op),
                host ->
                    host.changeIoapic(state ->
                        pin >= state.pins().size()
                            ? state
                            : state.withPin(pin, redirection(op, state.pins().get(pin)))));
  }

  private static Redirection redirection(Operation op, Redirection before) {
    return before.with(
        (int) op.number(2),
        (int) op.number(3),
        (op.number(4) & 1) != 0,
        (int) op.number(5),
        (op.number(6) & 1) != 0,
        (op.number(7) & 1) != 0,
        (op.number(8) & 1) != 0,
        before.remoteIrr());
  }

  // ---- local APICs

  private static Map<String, Object> lapic(ScriptProcess process, Operation op) {
    long vcpu = process.vcpu(op);
    return process.host().vcpus().lapics(process.vm(op), host -> ChipFields.of(host.lapic(vcpu)));
  }

  private static void setLapic(ScriptProcess process, Operation op, Map<String, Integer> changes) {
    long vcpu = process.vcpu(op);
    LapicState _ =
        process
            .host()
            .vcpus()
            .lapics(
                process.vm(op),
                host -> host.changeLapic(vcpu, state -> ChipFields.with(state, changes)));
  }

  /** Takes the best deliverable vector into service; it, or null. */
  private static @Nullable Integer acknowledge(ScriptProcess process, Operation op) {
    long vcpu = process.vcpu(op);
    int vector = process.host().vcpus().lapics(process.vm(op), host -> host.takeVector(vcpu));
    return vector < 0 ? null : vector;
  }

  private static Map<String, Integer> changes(Operation op, int first) {
    Map<String, Integer> changes = new LinkedHashMap<>();
    for (int place = first; place < op.size(); place++) {
      String[] field = op.word(place).split("=", 2);
      changes.put(field[0], Operand.bits(field[1]));
    }
    return changes;
  }

  private static ChipCalls calls(ScriptProcess process) {
    return process.host().chips();
  }
}
