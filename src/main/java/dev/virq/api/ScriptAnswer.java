package dev.virq.api;

import dev.virq.api.load.RequestBytes;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.script.Result;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The lines that a script has answered so far, as they will be sent. One thread. */
final class ScriptAnswer {
  /** Bytes that are charged at a time. */
  private static final int BLOCK = 16_384;

  /** A byte takes up to three: the buffer doubles, and the answer is a copy of it. */
  private static final int COPIES = 3;

  private final JsonMapper json;
  private final long maxBytes;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream(1_024);
  private long length;
  private long charged;

  ScriptAnswer(JsonMapper json, long maxBytes) {
    this.json = json;
    this.maxBytes = maxBytes;
  }

  /**
   * One more line.
   *
   * @throws ErrnoException E2BIG when the answer would be too long, ENFILE when there is no heap
   *     for it
   */
  void add(Result result) {
    byte[] line = json.writeValueAsBytes(result.members());
    length += line.length + 1L;
    if (length > maxBytes) {
      throw new ErrnoException(
          Errno.E2BIG,
          "the answer is longer than " + maxBytes + " bytes",
          Map.of("limit", maxBytes));
    }
    while (charged < length) {
      RequestBytes.charge(COPIES * BLOCK);
      charged += BLOCK;
    }
    lines.writeBytes(line);
    lines.write('\n');
  }

  byte[] toBytes() {
    return lines.toByteArray();
  }
}
