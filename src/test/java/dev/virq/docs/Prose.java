package dev.virq.docs;

import java.nio.file.Path;

/** What of a file is written for people, on one line. */
final class Prose {
  private Prose() {}

  /** The comments of a Java file, everything of another. */
  static String of(Path file, String text) {
    String prose = file.toString().endsWith(".java") ? comments(text) : text;
    // A line of a comment begins with a mark of its language.
    return prose.replaceAll("\\R[ \\t]*(?:\\*(?!\\*)|//|#(?!#))?[ \\t]*", " ");
  }

  private static String comments(String java) {
    StringBuilder comments = new StringBuilder();
    int at = 0;
    while (at < java.length()) {
      int end;
      if (java.startsWith("//", at)) {
        end = after(java, "\n", at + 2);
        comments.append(java, at + 2, end);
      } else if (java.startsWith("/*", at)) {
        end = after(java, "*/", at + 2);
        comments.append(java, at + 2, end - 2).append("\n\n");
      } else if (java.startsWith("\"\"\"", at)) {
        end = closing(java, "\"\"\"", at + 3);
      } else if (java.charAt(at) == '"' || java.charAt(at) == '\'') {
        end = closing(java, java.substring(at, at + 1), at + 1);
      } else {
        end = at + 1;
      }
      at = end;
    }
    return comments.toString();
  }

  private static int after(String text, String end, int from) {
    int at = text.indexOf(end, from);
    return at < 0 ? text.length() : at + end.length();
  }

  /** As {@link #after}, for a delimiter that a backslash can take the meaning from. */
  private static int closing(String text, String end, int from) {
    int at = from;
    while (at < text.length() && !text.startsWith(end, at)) {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at + end.length(), text.length());
  }
}
