package dev.virq.api.json;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/** The types of an answer that is one JSON object a line. */
public final class Ndjson {
  /**
   * For clients that take NDJSON for one value, or for nothing they know; the bytes are the same.
   */
  public static final String AS_TEXT = "text/plain;charset=UTF-8";

  private Ndjson() {}

  /**
   * The type that a client takes most gladly, of the two: for an answer that is written as it goes,
   * for which Spring does not choose one. It takes one of them, or was refused before.
   */
  public static String type(HttpServletRequest request) {
    List<MediaType> taken =
        new ArrayList<>(
            MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT))));
    taken.removeIf(one -> one.getQualityValue() == 0);
    taken.sort(Comparator.comparingDouble(MediaType::getQualityValue).reversed());
    for (MediaType one : taken) {
      if (one.includes(MediaType.APPLICATION_NDJSON)) {
        return MediaType.APPLICATION_NDJSON_VALUE;
      }
      if (one.includes(MediaType.TEXT_PLAIN)) {
        return AS_TEXT;
      }
    }
    return MediaType.APPLICATION_NDJSON_VALUE;
  }
}
