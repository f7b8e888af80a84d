package dev.virq.attacks.rig;

import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * An answer of HTTP.
 *
 * @param status such as 200
 * @param head the header lines as they came, with the status line
 * @param text the beginning of its body; what is longer than {@link Connection#KEPT} is cut
 */
public record Answer(int status, String head, String text) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether it says that the request was carried out. */
  public boolean ok() {
    return status / 100 == 2;
  }

  /** Whether it says, in one of the agreed ways, that a bound was reached. */
  public boolean refused() {
    return status == 409 || status == 413 || status == 429 || status == 503;
  }

  /** A header's value, or the empty string. */
  public String header(String name) {
    String prefix = name.toLowerCase(Locale.ROOT) + ":";
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
        .map(line -> line.substring(prefix.length()).strip())
        .findFirst()
        .orElse("");
  }

  /** The body as JSON; absent when it is none, or was cut. */
  public JsonNode json() {
    if (text.isEmpty() || !header("content-type").contains("json")) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  /** A member of the body as text, or the empty string. */
  public String text(String member) {
    return json().path(member).asString("");
  }

  /** Status and the beginning of the body, to be read by a person. */
  public String shown() {
    String all = text.strip();
    return status + " " + (all.length() > 200 ? all.substring(0, 200) + "…" : all);
  }
}
