package dev.virq.api.input;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** What the Content-Type of a body says of its characters. */
enum BodyCharset {
  /** UTF-8, or nothing, which means the same. */
  UTF_8,

  /**
   * A charset that agrees with UTF-8 on ASCII. Some clients name ISO-8859-1 for every text that
   * they are given no charset for, so a body of ASCII is taken for what it is.
   */
  ASCII_ONLY,

  /** Another one, which is refused. */
  OTHER;

  /** The charset that a valid Content-Type names; UTF-8 when there is none. */
  static BodyCharset of(@Nullable String contentType) {
    String name =
        contentType == null ? null : MediaType.parseMediaType(contentType).getParameter("charset");
    if (name == null) {
      return UTF_8;
    }
    return switch (name.replace("\"", "").toLowerCase(Locale.ROOT)) {
      case "utf-8", "utf8" -> UTF_8;
      case "us-ascii", "ascii", "iso-8859-1", "latin1" -> ASCII_ONLY;
      default -> OTHER;
    };
  }
}
