package dev.virq.script;

import static dev.virq.script.Operand.FIELD;
import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.SPEAKER;
import static dev.virq.script.Operand.U8;
import static dev.virq.script.Verb.declare;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import dev.virq.irqchip.PitPort;
import dev.virq.pit.PitState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The operations on the PIT. */
final class PitOperations {
  static final List<Verb> VERBS =
      List.of(
          declare("pit_create", NAME, SPEAKER)
              .lastOptional(1)
              .help("Give a VM a PIT, with the speaker's port or without")
              .does(PitOperations::create),
          declare("get_pit", NAME)
              .help("Show the PIT: its three counters and flags")
              .answers(PitOperations::show),
          declare("pit_set", NAME, FIELD)
              .lastRepeated()
              .help("Change fields of the PIT, such as flags or c0_mode, and load all counts again")
              .does(PitOperations::set),
          declare("pit_reinject", NAME, U8)
              .help("Say whether missed ticks of the PIT are made up for: 0 or not 0")
              .does(PitOperations::reinject));

  private PitOperations() {}

  private static void create(ScriptProcess process, Operation op) {
    PitPort.View _ = process.host().chips().createPit(process.vm(op), op.size() > 1);
  }

  private static void reinject(ScriptProcess process, Operation op) {
    boolean on = op.number(1) != 0;
    PitPort.View _ = process.host().chips().pit(process.vm(op), port -> port.reinject(on));
  }

  private static void set(ScriptProcess process, Operation op) {
    Map<String, Long> changes = new LinkedHashMap<>();
    for (int place = 1; place < op.size(); place++) {
      String[] field = op.word(place).split("=", 2);
      changes.put(field[0], Integer.toUnsignedLong(Operand.bits(field[1])));
    }
    PitPort.View _ =
        process
            .host()
            .chips()
            .pit(process.vm(op), port -> port.change(state -> with(state, changes)));
  }

  private static Map<String, Object> show(ScriptProcess process, Operation op) {
    PitState state = process.host().chips().pit(process.vm(op), PitPort::view).state();
    List<Map<String, Long>> channels = new ArrayList<>();
    for (PitState.Channel channel : state.channels()) {
      channels.add(fields(channel));
    }
    return Map.of("channels", channels, "flags", state.flags());
  }

  private static Map<String, Long> fields(PitState.Channel channel) {
    Map<String, Long> fields = new LinkedHashMap<>();
    fields.put("count", channel.count());
    fields.put("latched_count", (long) channel.latchedCount());
    fields.put("count_latched", (long) channel.countLatched());
    fields.put("status_latched", (long) channel.statusLatched());
    fields.put("status", (long) channel.status());
    fields.put("read_state", (long) channel.readState());
    fields.put("write_state", (long) channel.writeState());
    fields.put("write_latch", (long) channel.writeLatch());
    fields.put("rw_mode", (long) channel.rwMode());
    fields.put("mode", (long) channel.mode());
    fields.put("bcd", (long) channel.bcd());
    fields.put("gate", (long) channel.gate());
    return fields;
  }

  private static PitState with(PitState state, Map<String, Long> changes) {
    Map<String, Long> fields = new LinkedHashMap<>();
    for (int i = 0; i < PitState.CHANNELS; i++) {
      String prefix = "c" + i + "_";
      fields(state.channels().get(i)).forEach((name, value) -> fields.put(prefix + name, value));
    }
    fields.put("flags", state.flags());
    changes.forEach((name, value) -> {
      if (fields.replace(name, value) == null) {
        List<String> known = List.copyOf(fields.keySet());
        throw new ErrnoException(
            Errno.EINVAL,
            "field %s is unknown; fields are %s%s"
                .formatted(name, known, NearestName.hint(name, known)));
      }
    });
    List<PitState.Channel> channels = new ArrayList<>();
    for (int i = 0; i < PitState.CHANNELS; i++) {
      channels.add(channel(fields, "c" + i + "_"));
    }
    return new PitState(channels, number(fields, "flags"));
  }

  private static PitState.Channel channel(Map<String, Long> fields, String prefix) {
    return new PitState.Channel(
        number(fields, prefix + "count"),
        (int) number(fields, prefix + "latched_count") & 0xffff,
        octet(fields, prefix + "count_latched"),
        octet(fields, prefix + "status_latched"),
        octet(fields, prefix + "status"),
        octet(fields, prefix + "read_state"),
        octet(fields, prefix + "write_state"),
        octet(fields, prefix + "write_latch"),
        octet(fields, prefix + "rw_mode"),
        octet(fields, prefix + "mode"),
        octet(fields, prefix + "bcd"),
        octet(fields, prefix + "gate"));
  }

  private static int octet(Map<String, Long> fields, String name) {
    return (int) number(fields, name) & 0xff;
  }

  private static long number(Map<String, Long> fields, String name) {
    Long value = fields.get(name);
    if (value == null) {
      throw new IllegalStateException("no field " + name);
    }
    return value;
  }
}
