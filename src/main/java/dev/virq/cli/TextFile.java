package dev.virq.cli;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a command is given, or standard input for {@code -}: its text, which is UTF-8. */
final class TextFile {
  private TextFile() {}

  /**
   * Reads it.
   *
   * @throws CharacterCodingException when it is not UTF-8
   */
  static String read(InputStream in, String file) throws IOException {
    return text(file.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(file)));
  }

  /**
   * Reads it, unless it is longer than that.
   *
   * @throws CharacterCodingException when it is not UTF-8
   * @throws ErrnoException E2BIG when it has more bytes
   */
  static String read(InputStream in, String file, int mostBytes) throws IOException {
    try (InputStream opened = file.equals("-") ? in : Files.newInputStream(Path.of(file))) {
      byte[] bytes = opened.readNBytes(mostBytes + 1);
      if (bytes.length > mostBytes) {
        throw new ErrnoException(Errno.E2BIG, "has more than %,d bytes".formatted(mostBytes));
      }
      return text(bytes);
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
