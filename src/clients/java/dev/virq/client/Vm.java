package dev.virq.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A virtual machine. */
public final class Vm {
  private final Sandbox sandbox;
  private final String id;

  Vm(Sandbox sandbox, String id) {
    this.sandbox = sandbox;
    this.id = id;
  }

  /**
   * A VM as it was when asked for.
   *
   * @param irqchip KERNEL, SPLIT or NONE
   * @param state OPEN, CLOSING while something still refers to it, or RELEASED
   * @param refs references to it
   * @param irqfds bound to it
   * @param seq number of its newest event
   * @param releasedSeq number of the event of its release; null until then
   */
  public record Info(
      String id,
      @Nullable String name,
      @Nullable String irqchip,
      String state,
      long refs,
      long irqfds,
      long seq,
      @Nullable Long releasedSeq) {}

  /**
   * An interrupt line and its counters.
   *
   * @param routed whether the routing table leads anywhere
   * @param level 0 or 1
   * @param lastSeq number of its newest event
   */
  public record Gsi(
      long gsi,
      boolean routed,
      int level,
      long pending,
      long signalled,
      long injected,
      long coalesced,
      long ignored,
      long dropped,
      long raises,
      long lowers,
      @Nullable Long lastSeq) {}

  /** Its id, such as vm-1. */
  @JsonValue // so that it may stand for its id in the members of a call
  public String id() {
    return id;
  }

  /** The VM as it is now, also after its release. */
  public Info get() {
    return sandbox.get(path(), Info.class);
  }

  /** Binds an eventfd to a line. */
  public Irqfd assign(Eventfd eventfd, long gsi) {
    return assign(Map.of("eventfd", eventfd, "gsi", line(gsi)));
  }

  /**
   * Binds an eventfd to a level-triggered line: it stays up until the guest's end of interrupt,
   * which signals the other one.
   */
  public Irqfd assign(Eventfd eventfd, long gsi, Eventfd resample) {
    List<String> flags = List.of("RESAMPLE");
    return assign(
        Map.of("eventfd", eventfd, "gsi", line(gsi), "flags", flags, "resampleEventfd", resample));
  }

  /** Binds with members of the API, such as fd for a descriptor by its number. */
  public Irqfd assign(Map<String, ?> members) {
    return new Irqfd(
        sandbox, this, Sandbox.id(sandbox.request("POST", path() + "/irqfds", members)));
  }

  private static long line(long gsi) {
    if (gsi < 0 || gsi > 0xFFFFFFFFL) {
      throw new IllegalArgumentException(
          "gsi is %d: an integer in 0..4294967295 is needed".formatted(gsi));
    }
    return gsi;
  }

  /** A line and its counters. */
  public Gsi gsi(long gsi) {
    return sandbox.get(path() + "/gsis/" + line(gsi), Gsi.class);
  }

  /** Sets a line as KVM_IRQ_LINE_STATUS does: above 0 delivered, 0 coalesced, -1 ignored. */
  public int setLine(long gsi, int level) {
    return sandbox
        .request("PUT", path() + "/gsis/" + line(gsi) + "/line", Map.of("level", level))
        .path("status")
        .asInt();
  }

  /**
   * A vCPU with its local APIC, which is off at first: {@code setLapic(Map.of("svr", 0x1FF))}
   * enables it.
   */
  public Vcpu createVcpu(int number) {
    sandbox.request("POST", path() + "/vcpus", Map.of("id", number));
    return new Vcpu(sandbox, this, number);
  }

  /**
   * A pin of the I/O APIC.
   *
   * @param triggerMode EDGE or LEVEL
   * @param remoteIrr a level interrupt was accepted and has not ended
   */
  public record Pin(
      int pin,
      int vector,
      String deliveryMode,
      String destMode,
      int destId,
      String polarity,
      String triggerMode,
      boolean mask,
      boolean remoteIrr) {}

  /** A pin of the I/O APIC as it is now. */
  public Pin pin(int pin) {
    JsonNode chips = sandbox.request("GET", path() + "/irqchip", null);
    JsonNode entry = chips.path("ioapic").path("pins").path(pin);
    if (entry.isMissingNode()) {
      throw new IllegalArgumentException("pin is %d: no such pin".formatted(pin));
    }
    return Sandbox.read(entry, Pin.class);
  }

  /**
   * Sets the entry of a pin of the I/O APIC, with members of the API such as vector, triggerMode
   * and mask; what is left out stays as it is. A pin is masked at first.
   */
  public Pin setPin(int pin, Map<String, ?> members) {
    String path = path() + "/irqchip/ioapic/pins/" + pin;
    return Sandbox.read(sandbox.request("PUT", path, members), Pin.class);
  }

  /** Waits, 5 s at most, for so many injections into a line; returns how many there were. */
  public long waitInjected(long gsi, long atLeast) {
    return sandbox
        .waitFor("injected", Map.of("vm", id, "gsi", line(gsi), "atLeast", atLeast))
        .path("injected")
        .asLong();
  }

  /** Waits, 5 s at most, until it is destroyed. */
  public void waitReleased() {
    sandbox.waitFor("released", Map.of("vm", id));
  }

  /** close(2) on its descriptor, and waits for its end. */
  public CloseReport close() {
    return close(Wait.SETTLED);
  }

  /**
   * close(2) on its descriptor. If the report is not settled, the close goes on; that is no error:
   * look at {@code settled}, or release the breakpoint that holds it and {@link #waitReleased()}.
   */
  public CloseReport close(Wait wait) {
    return sandbox.close(path(), wait);
  }

  private String path() {
    return "/vms/" + id;
  }
}
