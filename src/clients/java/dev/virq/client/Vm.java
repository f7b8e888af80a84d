package dev.virq.client;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
   * @param state OPEN, CLOSING or RELEASED
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
  public String id() {
    return id;
  }

  /** The VM as it is now, also after its release. */
  public Info get() {
    return sandbox.get(path(), Info.class);
  }

  /** Binds an eventfd to a line. */
  public Irqfd assign(Eventfd eventfd, long gsi) {
    return assign(Map.of("eventfd", eventfd.id(), "gsi", gsi));
  }

  /** Binds an eventfd to a level-triggered line, whose end of interrupt signals the other one. */
  public Irqfd assign(Eventfd eventfd, long gsi, Eventfd resample) {
    Map<String, Object> body = new HashMap<>();
    body.put("eventfd", eventfd.id());
    body.put("gsi", gsi);
    body.put("flags", new String[] {"RESAMPLE"});
    body.put("resampleEventfd", resample.id());
    return assign(body);
  }

  /** Binds with members of the API, such as fd for a descriptor by its number. */
  public Irqfd assign(Map<String, ?> members) {
    return new Irqfd(
        sandbox, this, Sandbox.id(sandbox.request("POST", path() + "/irqfds", members)));
  }

  /** A line and its counters. */
  public Gsi gsi(long gsi) {
    return sandbox.get(path() + "/gsis/" + gsi, Gsi.class);
  }

  /** Sets a line as KVM_IRQ_LINE_STATUS does: above 0 delivered, 0 coalesced, -1 ignored. */
  public int setLine(long gsi, int level) {
    return sandbox
        .request("PUT", path() + "/gsis/" + gsi + "/line", Map.of("level", level))
        .path("status")
        .asInt();
  }

  /** Waits for at least so many injections into a line; returns how many there were. */
  public long waitInjected(long gsi, long atLeast) {
    return sandbox
        .waitFor("injected", Map.of("vm", id, "gsi", gsi, "atLeast", atLeast))
        .path("injected")
        .asLong();
  }

  /** Waits until it is destroyed. */
  public void waitReleased() {
    sandbox.waitFor("released", Map.of("vm", id));
  }

  /** close(2) on its descriptor, and waits for its end. */
  public CloseReport close() {
    return close(Wait.SETTLED);
  }

  /** close(2) on its descriptor. If the report is not settled, the close goes on. */
  public CloseReport close(Wait wait) {
    return sandbox.close(path(), wait);
  }

  private String path() {
    return "/vms/" + id;
  }
}
