package dev.virq.client;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The server refused. */
public final class VirqException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final transient JsonNode problem;

  VirqException(int status, String body) {
    this(status, problem(body));
  }

  private VirqException(int status, JsonNode problem) {
    super(
        "%s (%d): %s"
            .formatted(
                problem.path("errno").asString("HTTP"),
                status,
                problem.path("detail").asString("")));
    this.status = status;
    this.problem = problem;
  }

  private static JsonNode problem(String body) {
    try {
      return Virq.JSON.readTree(body);
    } catch (JacksonException e) {
      // Not virq, but something between.
      return JsonNodeFactory.instance.objectNode().put("detail", body);
    }
  }

  /** The name of Linux's error, such as EBUSY; empty if the answer has none. */
  public String errno() {
    return problem.path("errno").asString("");
  }

  /** The status of HTTP. */
  public int status() {
    return status;
  }

  /** What was wrong. */
  public String detail() {
    return problem.path("detail").asString("");
  }

  /** The body of the answer (application/problem+json) with all its members. */
  public JsonNode problem() {
    return problem;
  }

  /**
   * With EDEADLK: the threads held at breakpoints, without whose release the wait would never end.
   */
  public List<Held> heldBy() {
    JsonNode held = problem.path("heldBy");
    return held.isArray()
        ? Virq.JSON.convertValue(held, new TypeReference<List<Held>>() {})
        : List.of();
  }

  /** With ETIMEDOUT and EDEADLK: what is still under way. */
  public List<Pending> pending() {
    JsonNode pending = problem.path("pending");
    return pending.isArray()
        ? Virq.JSON.convertValue(pending, new TypeReference<List<Pending>>() {})
        : List.of();
  }
}
