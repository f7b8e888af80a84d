package dev.virq.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;

/** The binding of an eventfd to a line of a VM. */
public final class Irqfd {
  private final Sandbox sandbox;
  private final Vm vm;
  private final String id;

  Irqfd(Sandbox sandbox, Vm vm, String id) {
    this.sandbox = sandbox;
    this.vm = vm;
    this.id = id;
  }

  /**
   * An irqfd as it was when asked for.
   *
   * @param state ACTIVE, then UNHOOKED, FLUSHING, DISCONNECTED, GRACE, and at last FREED, which is
   *     what "released" means of an irqfd
   * @param callbacks wake-ups by its eventfd
   * @param queued injections that they queued
   * @param coalesced wake-ups that found one queued already
   * @param severed injections that found the VM gone
   * @param seq number of its newest event
   */
  public record Info(
      String id,
      String vm,
      String eventfd,
      long gsi,
      boolean resample,
      String state,
      long callbacks,
      long queued,
      long coalesced,
      long injected,
      long severed,
      long inFlight,
      long seq) {}

  /** Its id, such as irqfd-1. */
  @JsonValue // so that it may stand for its id in the members of a call
  public String id() {
    return id;
  }

  /** The irqfd as it is now, also after its end. */
  public Info get() {
    return sandbox.get("/irqfds/" + id, Info.class);
  }

  /** Waits, 5 s at most, for so many injections by this irqfd; returns how many there were. */
  public long waitInjected(long atLeast) {
    return sandbox
        .waitFor("injected", Map.of("irqfd", id, "atLeast", atLeast))
        .path("injected")
        .asLong();
  }

  /** Waits, 5 s at most, until it is freed: state FREED. */
  public void waitReleased() {
    sandbox.waitFor("released", Map.of("irqfd", id));
  }

  /** Ends the binding, and waits for its end; the eventfd stays open. */
  public CloseReport close() {
    return close(Wait.SETTLED);
  }

  /** Ends the binding; the eventfd stays open. */
  public CloseReport close(Wait wait) {
    return sandbox.close("/vms/" + vm.id() + "/irqfds/" + id, wait);
  }
}
