package dev.virq.deploy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads the comments of a file of values: what stands above each member. */
final class Comments {
  private Comments() {}

  /**
   * The comment of each member, on one line; empty for a member without one.
   *
   * @param free objects whose members are passed over
   */
  static Map<String, String> of(String yaml, Set<String> free) {
    Map<String, String> comments = new LinkedHashMap<>();
    Deque<String> path = new ArrayDeque<>();
    StringBuilder comment = new StringBuilder();
    for (String line : yaml.split("\n", -1)) {
      String text = line.strip();
      if (text.startsWith("#")) {
        comment.append(comment.isEmpty() ? "" : " ").append(text.substring(1).strip());
        continue;
      }
      if (text.isEmpty()) {
        comment.setLength(0);
        continue;
      }
      int depth = line.indexOf(text) / 2;
      while (path.size() > depth) {
        path.removeLast();
      }
      String above = String.join(".", path);
      path.addLast(text.substring(0, text.indexOf(':')));
      if (!free.contains(above)) {
        comments.put(String.join(".", path), comment.toString());
      }
      comment.setLength(0);
    }
    return comments;
  }
}
