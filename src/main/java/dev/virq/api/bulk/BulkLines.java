package dev.virq.api.bulk;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The lines of a body as they arrive. Of a line that is too long, the beginning. */
final class BulkLines {
  private final InputStream body;
  private final int longest;

  BulkLines(InputStream body, int longest) {
    this.body = new BufferedInputStream(body);
    this.longest = longest;
  }

  /** The next line that is not blank, at most one byte longer than the longest; null at the end. */
  byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean blank = true;
    while (true) {
      int read = body.read();
      if (read < 0 || read == '\n') {
        if (!blank) {
          return line.toByteArray();
        }
        if (read < 0) {
          return null;
        }
        line.reset();
        continue;
      }
      blank &= read == ' ' || read == '\t' || read == '\r';
      if (line.size() <= longest) {
        line.write(read);
      }
    }
  }
}
