package dev.virq.script;

import static dev.virq.script.Operand.FIELD;
import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.U32;
import static dev.virq.script.Verb.declare;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import java.util.List;

/** The operations on whether a vCPU runs, and on its NMIs. */
final class RunStateOperations {
  private static final String PENDING = "nmi_pending";
  private static final String MASKED = "nmi_masked";

  /** Both are bytes in the kernel's structure. */
  private static final int BYTE = 0xff;

  static final List<Verb> VERBS =
      List.of(
          declare("nmi", NAME, NAME)
              .help("Raise an NMI in a vCPU, whatever its local APIC says")
              .does((process, op) -> process.host().vcpus().nmi(process.vm(op), process.vcpu(op))),
          declare("get_vcpu_events", NAME, NAME)
              .help("Show the run state and NMIs of a vCPU")
              .answers((process, op) ->
                  ChipFields.of(process.host().vcpus().events(process.vm(op), process.vcpu(op)))),
          declare("vcpu_events_set", NAME, NAME, FIELD)
              .lastRepeated()
              .help("Change the NMIs of a vCPU: nmi_pending, nmi_masked")
              .does(RunStateOperations::setEvents),
          declare("mp_state_set", NAME, NAME, U32)
              .help("Change the run state of a vCPU: a number of KVM_MP_STATE_…")
              .does((process, op) ->
                  process
                      .host()
                      .vcpus()
                      .setRunState(process.vm(op), process.vcpu(op), op.number(2))),
          declare("vcpu_wake", NAME, NAME)
              .help("Let a halted vCPU wake, if an interrupt or NMI is there for it")
              .does(
                  (process, op) -> process.host().vcpus().wake(process.vm(op), process.vcpu(op))));

  private RunStateOperations() {}

  private static void setEvents(ScriptProcess process, Operation op) {
    long vm = process.vm(op);
    long vcpu = process.vcpu(op);
    Integer pending = null;
    Boolean masked = null;
    for (String word : op.operands().subList(2, op.size())) {
      String[] field = word.split("=", 2);
      int value = Operand.bits(field[1]) & BYTE;
      switch (field[0]) {
        case PENDING -> pending = value;
        case MASKED -> masked = value != 0;
        default -> throw unknown(field[0]);
      }
    }
    process.host().vcpus().setNmis(vm, vcpu, pending, masked);
  }

  private static ErrnoException unknown(String field) {
    List<String> known = List.of(PENDING, MASKED);
    return new ErrnoException(
        Errno.EINVAL,
        "%s is not one of the fields %s%s".formatted(field, known, NearestName.hint(field, known)));
  }
}
