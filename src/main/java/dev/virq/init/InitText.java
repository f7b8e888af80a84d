package dev.virq.init;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file of the start, whole. */
final class InitText {
  private InitText() {}

  /**
   * The text of a regular file in UTF-8.
   *
   * @param maxBytes how long it may be
   * @throws InitFailure when it cannot be read, or is longer
   */
  static String of(Path file, long maxBytes) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // Opening a pipe waits for its other end, and no signal to this process ends that.
      throw new InitFailure(file, "is no regular file");
    }
    try (InputStream open = Files.newInputStream(file)) {
      byte[] bytes = open.readNBytes((int) Math.min(Integer.MAX_VALUE - 8L, maxBytes + 1));
      if (bytes.length > maxBytes) {
        throw new InitFailure(file, "is longer than virq.max-body, " + maxBytes + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new InitFailure(file, "there is no such file");
    } catch (CharacterCodingException e) {
      throw new InitFailure(file, "is not UTF-8");
    } catch (IOException e) {
      throw new InitFailure(file, "cannot be read: " + e);
    }
  }
}
