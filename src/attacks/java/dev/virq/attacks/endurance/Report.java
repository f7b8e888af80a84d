package dev.virq.attacks.endurance;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** A file of figures below {@code target}, a line at a time, so that a run can be followed. */
final class Report {
  private final Path file;

  Report(String name) {
    file = Path.of("target", name);
  }

  /** Adds a line. */
  @FormatMethod
  void line(@FormatString String format, Object... values) throws IOException {
    Path _ = Files.createDirectories(file.getParent());
    String line = String.format(Locale.ROOT, format, values);
    Path _ =
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
