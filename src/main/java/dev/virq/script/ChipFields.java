package dev.virq.script;

import dev.virq.chip.IoApicState;
import dev.virq.chip.PicState;
import dev.virq.chip.Redirection;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import dev.virq.lapic.LapicState;
import dev.virq.lapic.Vcpu;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The states of chips in the words of the language, which are those of the kernel's structures. */
final class ChipFields {
  /** All else 0, masked: what a state leaves out. */
  private static final Redirection RESET =
      Redirection.of(0, 0, false, 0, true, false, false, false);

  private ChipFields() {}

  static Map<String, Integer> of(PicState state) {
    Map<String, Integer> fields = new LinkedHashMap<>();
    fields.put("irr", state.irr());
    fields.put("last_irr", state.lastIrr());
    fields.put("imr", state.imr());
    fields.put("isr", state.isr());
    fields.put("elcr", state.elcr());
    fields.put("elcr_mask", state.elcrMask());
    fields.put("irq_base", state.irqBase());
    fields.put("priority_add", state.priorityAdd());
    fields.put("auto_eoi", state.autoEoi());
    fields.put("rotate_on_auto_eoi", state.rotateOnAutoEoi());
    fields.put("special_fully_nested_mode", state.specialFullyNestedMode());
    fields.put("special_mask", state.specialMask());
    fields.put("init_state", state.initState());
    fields.put("init4", state.init4());
    fields.put("read_reg_select", state.readRegSelect());
    fields.put("poll", state.poll());
    return fields;
  }

  static PicState with(PicState state, Map<String, Integer> changes) {
    Map<String, Integer> fields = changed(of(state), changes);
    return new PicState(
        field(fields, "irr"),
        field(fields, "last_irr"),
        field(fields, "imr"),
        field(fields, "isr"),
        field(fields, "elcr"),
        field(fields, "elcr_mask"),
        field(fields, "irq_base"),
        field(fields, "priority_add"),
        field(fields, "auto_eoi"),
        field(fields, "rotate_on_auto_eoi"),
        field(fields, "special_fully_nested_mode"),
        field(fields, "special_mask"),
        field(fields, "init_state"),
        field(fields, "init4"),
        field(fields, "read_reg_select"),
        field(fields, "poll"));
  }

  static Map<String, Object> of(IoApicState state) {
    Map<String, Object> pins = new LinkedHashMap<>();
    List<Redirection> entries = state.pins();
    for (int pin = 0; pin < entries.size(); pin++) {
      Redirection entry = entries.get(pin);
      if (!entry.equals(RESET)) {
        pins.put(Integer.toString(pin), of(entry));
      }
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", Integer.toUnsignedLong(state.id()));
    fields.put("ioregsel", Integer.toUnsignedLong(state.ioregsel()));
    fields.put("irr", Integer.toUnsignedLong(state.irr()));
    fields.put("pins", pins);
    return fields;
  }

  private static Map<String, Integer> of(Redirection entry) {
    Map<String, Integer> fields = new LinkedHashMap<>();
    fields.put("vector", entry.vector());
    fields.put("delivery_mode", entry.mode());
    fields.put("dest_mode", bit(entry.logical()));
    fields.put("delivery_status", bit(entry.deliveryStatus()));
    fields.put("polarity", bit(entry.activeLow()));
    fields.put("remote_irr", bit(entry.remoteIrr()));
    fields.put("trig_mode", bit(entry.level()));
    fields.put("mask", bit(entry.masked()));
    fields.put("dest_id", entry.destination());
    return fields;
  }

  static IoApicState with(IoApicState state, Map<String, Integer> changes) {
    Map<String, Integer> fields = new LinkedHashMap<>();
    fields.put("id", state.id());
    fields.put("ioregsel", state.ioregsel());
    fields.put("irr", state.irr());
    fields = changed(fields, changes);
    return new IoApicState(
        field(fields, "id"), field(fields, "ioregsel"), field(fields, "irr"), state.pins());
  }

  static Map<String, Object> of(LapicState state) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", Integer.toUnsignedLong(state.id()));
    fields.put("svr", Integer.toUnsignedLong(state.svr()));
    fields.put("tpr", Integer.toUnsignedLong(state.tpr()));
    fields.put("ppr", Integer.toUnsignedLong(state.ppr()));
    fields.put("ldr", Integer.toUnsignedLong(state.ldr()));
    fields.put("dfr", Integer.toUnsignedLong(state.dfr()));
    fields.put("lvt0", Integer.toUnsignedLong(state.lvt0()));
    fields.put("lvt1", Integer.toUnsignedLong(state.lvt1()));
    fields.put("irr", state.irr());
    fields.put("isr", state.isr());
    fields.put("tmr", state.tmr());
    return fields;
  }

  static LapicState with(LapicState state, Map<String, Integer> changes) {
    Map<String, Integer> fields = new LinkedHashMap<>();
    fields.put("id", state.id());
    fields.put("svr", state.svr());
    fields.put("tpr", state.tpr());
    fields.put("ldr", state.ldr());
    fields.put("dfr", state.dfr());
    fields.put("esr", state.esr());
    fields.put("lvtt", state.lvtt());
    fields.put("lvt0", state.lvt0());
    fields.put("lvt1", state.lvt1());
    fields = changed(fields, changes);
    return new LapicState(
        field(fields, "id"),
        field(fields, "svr"),
        field(fields, "tpr"),
        state.ppr(),
        field(fields, "ldr"),
        field(fields, "dfr"),
        field(fields, "esr"),
        field(fields, "lvtt"),
        field(fields, "lvt0"),
        field(fields, "lvt1"),
        state.irr(),
        state.isr(),
        state.tmr());
  }

  static Map<String, Integer> of(Vcpu.Events events) {
    Map<String, Integer> fields = new LinkedHashMap<>();
    fields.put("mp_state", events.runState().code());
    fields.put("nmi_pending", events.nmiPending());
    fields.put("nmi_masked", bit(events.nmiMasked()));
    fields.put("smi_pending", 0);
    return fields;
  }

  private static Map<String, Integer> changed(
      Map<String, Integer> fields, Map<String, Integer> changes) {
    changes.forEach((name, value) -> {
      if (fields.replace(name, value) == null) {
        throw new ErrnoException(
            Errno.EINVAL,
            "%s is not one of the fields %s%s"
                .formatted(name, fields.keySet(), NearestName.hint(name, fields.keySet())));
      }
    });
    return fields;
  }

  private static int field(Map<String, Integer> fields, String name) {
    Integer value = fields.get(name);
    if (value == null) {
      throw new IllegalStateException("no field " + name);
    }
    return value;
  }

  private static int bit(boolean set) {
    return set ? 1 : 0;
  }
}
