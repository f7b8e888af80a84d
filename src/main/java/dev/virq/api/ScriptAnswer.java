package dev.virq.api;

import dev.virq.api.load.RequestBytes;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.script.Result;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The lines that a script has answered so far, as they will be sent. One thread. */
final class ScriptAnswer {
  private static final byte[] END = {'\n'};

  /** Bytes that are charged, and taken, at a time: an answer is never copied to become longer. */
  private static final int BLOCK = 16_384;

  private final JsonMapper json;
  private final long maxBytes;
  private final List<byte[]> blocks = new ArrayList<>();
  private long length;

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
    if (length + line.length + 1 > maxBytes) {
      throw new ErrnoException(
          Errno.E2BIG,
          "the answer is longer than " + maxBytes + " bytes",
          Map.of("limit", maxBytes));
    }
    write(line);
    write(END);
  }

  private void write(byte[] bytes) {
    int done = 0;
    while (done < bytes.length) {
      int used = (int) (length % BLOCK);
      if (used == 0) {
        RequestBytes.charge(BLOCK);
        blocks.add(new byte[BLOCK]);
      }
      int next = Math.min(BLOCK - used, bytes.length - done);
      System.arraycopy(bytes, done, blocks.getLast(), used, next);
      done += next;
      length += next;
    }
  }

  /** In bytes. */
  long length() {
    return length;
  }

  /** All lines; once. */
  InputStream read() {
    List<InputStream> streams = new ArrayList<>(blocks.size());
    long left = length;
    for (byte[] block : blocks) {
      streams.add(new ByteArrayInputStream(block, 0, (int) Math.min(BLOCK, left)));
      left -= BLOCK;
    }
    return new SequenceInputStream(Collections.enumeration(streams));
  }
}
