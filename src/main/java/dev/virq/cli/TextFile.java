package dev.virq.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a command is given, or standard input for {@code -}: its text, which is UTF-8. */
final class TextFile {
  private TextFile() {}

  /**
   * Reads it.
   *
   * @throws java.nio.charset.CharacterCodingException when it is not UTF-8
   */
  static String read(InputStream in, String file) throws IOException {
    byte[] bytes = file.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(file));
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
