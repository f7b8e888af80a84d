package dev.virq.life;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the process says when it is halted: made beforehand, for there may be no heap left. */
enum LastWords {
  FATAL("virq: a life-ending error, such as a full heap: the process ends with 3\n"),
  LATE("virq: the shutdown did not end in time: the process is halted with 4\n");

  @SuppressWarnings("ImmutableEnumChecker") // the process's own, never closed
  private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

  @SuppressWarnings("ImmutableEnumChecker") // never written to
  private final byte[] words;

  LastWords(String words) {
    this.words = words.getBytes(StandardCharsets.US_ASCII);
  }

  void say() {
    try {
      ERR.write(words);
    } catch (IOException e) {
      // There is no one to say it to, and the process ends all the same.
      return;
    }
  }
}
