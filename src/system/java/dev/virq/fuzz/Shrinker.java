package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Takes from a request what its fault does not need: headers, parameters, and parts of the body.
 */
final class Shrinker {
  private static final String BLANK = "\r\n\r\n";
  private static final String LENGTH = "Content-Length: ";

  private final Predicate<byte[]> fails;
  private int tries;

  /**
   * With what tells whether a request still shows the fault, asked so many times at most.
   *
   * @param tries bounds the effort
   */
  Shrinker(Predicate<byte[]> fails, int tries) {
    this.fails = fails;
    this.tries = tries;
  }

  /**
   * A smaller request with the same fault, or the same one when the fault needs what went before.
   */
  byte[] shrink(byte[] request) {
    String text = new String(request, ISO_8859_1);
    int blank = text.indexOf(BLANK);
    if (blank < 0 || !fails(text)) {
      return request;
    }
    List<String> head = new ArrayList<>(Arrays.asList(text.substring(0, blank).split("\r\n")));
    String body = text.substring(blank + BLANK.length());
    for (int i = head.size() - 1; i > 0; i--) {
      List<String> less = new ArrayList<>(head);
      less.remove(i);
      if (fails(joined(less, body))) {
        head = less;
      }
    }
    head.set(0, query(head, body));
    for (int size = body.length() / 2; size > 0; size /= 2) {
      for (int at = 0; at + size <= body.length(); ) {
        String less = body.substring(0, at) + body.substring(at + size);
        if (fails(joined(head, less))) {
          body = less;
        } else {
          at += size;
        }
      }
    }
    return joined(head, body).getBytes(ISO_8859_1);
  }

  private String query(List<String> head, String body) {
    String line = head.getFirst();
    int from = line.indexOf('?');
    int to = line.lastIndexOf(' ');
    if (from < 0 || to < from) {
      return line;
    }
    List<String> without = new ArrayList<>(head);
    for (String pair : line.substring(from + 1, to).split("&", -1)) {
      String less =
          line.replace("&" + pair, "")
              .replace("?" + pair + "&", "?")
              .replace("?" + pair + " ", " ");
      without.set(0, less);
      if (!less.equals(line) && fails(joined(without, body))) {
        line = less;
      }
    }
    return line;
  }

  private static String joined(List<String> head, String body) {
    StringBuilder text = new StringBuilder();
    for (String line : head) {
      boolean length = line.startsWith(LENGTH) && line.substring(LENGTH.length()).matches("[0-9]+");
      text.append(length ? LENGTH + body.length() : line).append("\r\n");
    }
    return text.append("\r\n").append(body).toString();
  }

  private boolean fails(String text) {
    return tries-- > 0 && fails.test(text.getBytes(ISO_8859_1));
  }
}
