package dev.virq.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Map;

/** A place where threads are held until released. */
public final class Breakpoint {
  private final Sandbox sandbox;
  private final String id;

  Breakpoint(Sandbox sandbox, String id) {
    this.sandbox = sandbox;
    this.id = id;
  }

  /**
   * A breakpoint as it was when asked for.
   *
   * @param state ARMED; PARKED while it holds a thread; DONE after its last hit; EXPIRED when
   *     nobody released it in time
   * @param hitCount threads that came by
   * @param parked threads held there
   * @param seq number of the sandbox's newest event
   */
  public record Info(
      String id, String point, String state, long hitCount, List<Held> parked, long seq) {}

  /** Its id, such as bp-1. */
  @JsonValue // so that it may stand for its id in the members of a call
  public String id() {
    return id;
  }

  /** The breakpoint as it is now, and who is held at it. */
  public Info get() {
    return sandbox.get("/breakpoints/" + id, Info.class);
  }

  /** Waits, 5 s at most, until a thread is held here. */
  public void waitParked() {
    waitParked(1);
  }

  /** Waits, 5 s at most, until so many threads are held here. */
  public void waitParked(int atLeast) {
    sandbox.waitFor("parked", Map.of("breakpoint", id, "atLeast", atLeast));
  }

  /** Lets all of them go. */
  public void release() {
    sandbox.request("POST", "/breakpoints/" + id + "/release", Map.of("threads", "ALL"));
  }

  /** Lets so many of them go. */
  public void release(int threads) {
    sandbox.request("POST", "/breakpoints/" + id + "/release", Map.of("threads", threads));
  }

  /** Takes it away and lets everybody go. */
  public void delete() {
    sandbox.request("DELETE", "/breakpoints/" + id, null);
  }
}
