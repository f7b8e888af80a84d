package dev.virq.script;

import dev.virq.host.ChipCalls;
import dev.virq.host.Host;
import dev.virq.irqchip.PicState;
import dev.virq.irqchip.Redirection;
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

  private final Host host;
  private final Names names;

  ChipOperations(Host host, Names names) {
    this.host = host;
    this.names = names;
  }

  /** Sets a line, asking for the status. */
  int line(Operation op) {
    return host.chips().setLine(vm(op), op.number(1), op.number(2) != 0, true);
  }

  /** Sets a line. */
  void lineWithoutStatus(Operation op) {
    int _ = host.chips().setLine(vm(op), op.number(1), op.number(2) != 0, false);
  }

  /** Delivers a message. */
  int signalMsi(Operation op) {
    long flags = op.size() == 5 ? op.number(4) : 0;
    return calls().signalMsi(vm(op), op.number(1), op.number(2), flags);
  }

  /** Replaces the routing table. */
  void route(Operation op) {
    List<String> words = op.operands();
    Routes routes = Routes.of(words.subList(1, words.size()));
    host.chips().setRouting(vm(op), routes.entries(), routes.flags());
  }

  // ---- 8259 pair and I/O APIC

  Map<String, Object> pics(Operation op) {
    Map<String, Object> pair = new LinkedHashMap<>();
    calls()
        .chips(
            vm(op),
            host -> {
              pair.put("master", ChipFields.of(host.pic(Chip.MASTER)));
              return pair.put("slave", ChipFields.of(host.pic(Chip.SLAVE)));
            });
    return pair;
  }

  void setPic(Operation op) {
    Chip half = op.word(1).equals("master") ? Chip.MASTER : Chip.SLAVE;
    Map<String, Integer> changes = changes(op, 2);
    PicState _ =
        calls()
            .chips(vm(op), host -> host.changePic(half, state -> ChipFields.with(state, changes)));
  }

  Map<String, Object> ioapic(Operation op) {
    return calls().chips(vm(op), host -> ChipFields.of(host.ioapic()));
  }

  void setIoapic(Operation op) {
    Map<String, Integer> changes = changes(op, 1);
    var _ =
        calls().chips(vm(op), host -> host.changeIoapic(state -> ChipFields.with(state, changes)));
  }

  void setRedirection(Operation op) {
    int pin = (int) op.number(1);
    var _ =
        calls()
            .chips(
                vm(op),
                host ->
                    host.changeIoapic(state ->
                        pin >= state.pins().size()
                            ? state
                            : state.withPin(pin, redirection(op, state.pins().get(pin)))));
  }

  private static Redirection redirection(Operation op, Redirection before) {
    return Redirection.of(
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

  Map<String, Object> lapic(Operation op) {
    long vcpu = vcpu(op);
    return host.vcpus().lapics(vm(op), host -> ChipFields.of(host.lapic(vcpu)));
  }

  void enableLapic(Operation op) {
    setLapic(op, Map.of("svr", SVR_ENABLED));
  }

  void setLapic(Operation op) {
    setLapic(op, changes(op, 2));
  }

  private void setLapic(Operation op, Map<String, Integer> changes) {
    long vcpu = vcpu(op);
    LapicState _ =
        host.vcpus()
            .lapics(
                vm(op), host -> host.changeLapic(vcpu, state -> ChipFields.with(state, changes)));
  }

  /** Takes the best deliverable vector into service; it, or null. */
  @Nullable Integer acknowledge(Operation op) {
    long vcpu = vcpu(op);
    int vector = host.vcpus().lapics(vm(op), host -> host.takeVector(vcpu));
    return vector < 0 ? null : vector;
  }

  /** Run state and pending NMIs of a vCPU. */
  Map<String, Integer> vcpuEvents(Operation op) {
    return ChipFields.of(host.vcpus().events(vm(op), vcpu(op)));
  }

  private static Map<String, Integer> changes(Operation op, int first) {
    Map<String, Integer> changes = new LinkedHashMap<>();
    for (int place = first; place < op.size(); place++) {
      String[] field = op.word(place).split("=", 2);
      changes.put(field[0], Operand.bits(field[1]));
    }
    return changes;
  }

  private ChipCalls calls() {
    return host.chips();
  }

  private long vm(Operation op) {
    return names.requireVm(op.word(0)).id();
  }

  private long vcpu(Operation op) {
    return names.requireVcpu(op.word(0), op.word(1));
  }
}
