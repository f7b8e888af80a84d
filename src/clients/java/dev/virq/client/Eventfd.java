package dev.virq.client;

import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An eventfd. Its values have 64 bits and no sign. */
public final class Eventfd {
  private final Sandbox sandbox;
  private final String id;
  private final int fd;

  Eventfd(Sandbox sandbox, String id, int fd) {
    this.sandbox = sandbox;
    this.id = id;
    this.fd = fd;
  }

  /**
   * An eventfd as it was when asked for.
   *
   * @param fds its descriptors
   * @param flags SEMAPHORE, NONBLOCK
   * @param boundTo what it is bound to
   * @param state OPEN; a closed one is gone
   * @param seq number of its newest event
   */
  public record Info(
      String id,
      @Nullable String name,
      List<Integer> fds,
      BigInteger counter,
      List<String> flags,
      @Nullable Binding boundTo,
      String state,
      long seq) {}

  /** What an eventfd is bound to. */
  public record Binding(String irqfd, String vm, long gsi) {}

  /** Its id, such as efd-1. */
  @JsonValue // so that it may stand for its id in the members of a call
  public String id() {
    return id;
  }

  /** The first of its descriptors. */
  public int fd() {
    return fd;
  }

  /** The eventfd as it is now; EBADF once closed. What it was bound to, its irqfd still tells. */
  public Info get() {
    return sandbox.get("/eventfds/" + id, Info.class);
  }

  /** write(2) of 1; does not wait for the outcome. */
  public Signal signal() {
    return signal(BigInteger.ONE, Wait.NONE);
  }

  /** write(2) of 1; the answer has the outcome, unless it had to wait too long for it. */
  public Signal signal(Wait wait) {
    return signal(BigInteger.ONE, wait);
  }

  /** write(2). */
  public Signal signal(BigInteger value, Wait wait) {
    Map<String, ?> body = Map.of("value", value.toString());
    return Sandbox.read(
        sandbox.request("POST", "/eventfds/" + id + "/signal", body, wait.query()), Signal.class);
  }

  /** read(2); empty is EAGAIN. */
  public BigInteger read() {
    return read(Map.of());
  }

  /** read(2); empty is a wait that ends in ETIMEDOUT. */
  public BigInteger read(Duration timeout) {
    return read(Map.of("timeout", timeout));
  }

  private BigInteger read(Map<String, ?> query) {
    JsonNode read = sandbox.request("POST", "/eventfds/" + id + "/read", null, query);
    return new BigInteger(read.path("value").asString());
  }

  /** dup(2): the number of one more descriptor; EBADF once closed. */
  public int dup() {
    return sandbox.request("POST", "/eventfds/" + id + "/dup", null).path("fd").asInt();
  }

  /** close(2) on all its descriptors, and waits for the end. */
  public CloseReport close() {
    return close(Wait.SETTLED);
  }

  /** close(2) on all its descriptors. If the report is not settled, the close goes on. */
  public CloseReport close(Wait wait) {
    return sandbox.close("/eventfds/" + id, wait);
  }

  /** close(2) on one descriptor. */
  public CloseReport close(int descriptor, Wait wait) {
    return sandbox.close("/eventfds/" + descriptor, wait);
  }
}
