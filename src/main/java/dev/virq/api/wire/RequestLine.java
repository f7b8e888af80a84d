package dev.virq.api.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the first bytes of a request say of whose call it is, before anything reads it. */
final class RequestLine {
  private static final byte[] CALLS = "/v1/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SANDBOXES = "/v1/sandboxes/".getBytes(StandardCharsets.US_ASCII);

  private RequestLine() {}

  /**
   * The sandbox that the path names, as it is written there; empty when it names none, and null
   * when this is no call, or not yet so much of it that it can be told.
   *
   * @param bytes read from their begin to their position
   */
  static @Nullable String sandbox(ByteBuffer bytes) {
    int end = bytes.position();
    int path = 0;
    while (path < end && bytes.get(path) != ' ') {
      path++;
    }
    path++;
    if (!begins(bytes, path, end, CALLS)) {
      return null;
    }
    if (!begins(bytes, path, end, SANDBOXES)) {
      return end - path < SANDBOXES.length ? null : "";
    }
    int name = path + SANDBOXES.length;
    for (int at = name; at < end; at++) {
      byte one = bytes.get(at);
      if (one == '/' || one == '?' || one == ' ') {
        byte[] text = new byte[at - name];
        bytes.get(name, text);
        return new String(text, StandardCharsets.ISO_8859_1);
      }
    }
    return null;
  }

  private static boolean begins(ByteBuffer bytes, int from, int end, byte[] text) {
    if (end - from < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (bytes.get(from + i) != text[i]) {
        return false;
      }
    }
    return true;
  }
}
