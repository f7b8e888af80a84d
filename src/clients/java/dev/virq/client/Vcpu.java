package dev.virq.client;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A vCPU in the guest's part: it acknowledges interrupts and ends them. */
public final class Vcpu {
  private final Sandbox sandbox;
  private final Vm vm;
  private final int number;

  Vcpu(Sandbox sandbox, Vm vm, int number) {
    this.sandbox = sandbox;
    this.vm = vm;
    this.number = number;
  }

  /**
   * A vCPU as it was when asked for.
   *
   * @param runState RUNNABLE, PARKED after INIT until a start-up message, or as the host has set it
   * @param nmiPending NMIs not taken yet
   * @param nmiMasked whether it takes none
   * @param seq number of the sandbox's newest event
   */
  public record Info(int id, String runState, int nmiPending, boolean nmiMasked, long seq) {}

  /**
   * The registers of a local APIC.
   *
   * @param svr spurious vector; bit 8 enables it
   * @param irr vectors that wait
   * @param isr vectors in service
   * @param tmr vectors last accepted as level-triggered
   */
  public record Lapic(
      long id,
      long svr,
      long tpr,
      long ppr,
      long ldr,
      long dfr,
      long lvt0,
      long lvt1,
      List<Integer> irr,
      List<Integer> isr,
      List<Integer> tmr) {}

  /**
   * What came of an end of interrupt.
   *
   * @param vector the one that was ended; null if there was none
   * @param resampled ids of the irqfds whose resample eventfd was signalled
   * @param nmis NMIs that the vCPU took meanwhile
   * @param seq number of the sandbox's newest event
   */
  public record Ended(@Nullable Integer vector, List<String> resampled, int nmis, long seq) {}

  /** Its number. */
  public int number() {
    return number;
  }

  /** The vCPU as it is now. */
  public Info get() {
    return sandbox.get(path(), Info.class);
  }

  /** Its local APIC as it is now. */
  public Lapic lapic() {
    return sandbox.get(path() + "/lapic", Lapic.class);
  }

  /**
   * Sets registers of its local APIC, by their names; what is left out stays as it is. Bit 8 of svr
   * enables it.
   */
  public Lapic setLapic(Map<String, ?> registers) {
    return Sandbox.read(sandbox.request("PUT", path() + "/lapic", registers), Lapic.class);
  }

  /** Takes the highest deliverable vector into service; empty if there is none. */
  public OptionalInt ack() {
    return ack(Map.of());
  }

  /** Takes an interrupt of the 8259 pair into service; empty if there is none. */
  public OptionalInt ackPic() {
    return ack(Map.of("from", "pic"));
  }

  private OptionalInt ack(Map<String, ?> query) {
    JsonNode vector = sandbox.request("POST", path() + "/ack", null, query).path("vector");
    return vector.isInt() ? OptionalInt.of(vector.asInt()) : OptionalInt.empty();
  }

  /**
   * Ends the highest interrupt in service. A level-triggered line goes down if nobody else holds it
   * up, and its resample eventfds are signalled.
   */
  public Ended eoi() {
    return Sandbox.read(sandbox.request("POST", path() + "/eoi", null), Ended.class);
  }

  private String path() {
    return "/vms/" + vm.id() + "/vcpus/" + number;
  }
}
