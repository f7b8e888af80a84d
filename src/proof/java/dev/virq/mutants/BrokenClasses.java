package dev.virq.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Copies of the product as class files, for a JVM that has them in front on its class path. */
public final class BrokenClasses {
  private BrokenClasses() {}

  /** Writes the classes of one of {@link ToolMutants#STRESSED} that differ from the product's. */
  public static void write(String id, Path directory) throws IOException {
    Mutant mutant =
        ToolMutants.STRESSED.stream()
            .filter(one -> one.id().equals(id))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no mutant " + id));
    write(mutant.edits(), directory);
  }

  /** Writes a copy that is faithful, and readable for Lincheck. */
  public static void readable(Path directory) throws IOException {
    write(List.of(ToolMutants.UNTIMED), directory);
  }

  /** Writes a broken copy that is readable for Lincheck. */
  static void readable(Mutant mutant, Path directory) throws IOException {
    List<Edit> edits = new ArrayList<>(mutant.edits());
    edits.add(ToolMutants.UNTIMED);
    write(edits, directory);
  }

  private static void write(List<Edit> edits, Path directory) throws IOException {
    for (Map.Entry<String, byte[]> one : BrokenCopy.of(edits).changed().entrySet()) {
      Path file = directory.resolve(one.getKey().replace('.', '/') + ".class");
      Path _ = Files.createDirectories(file.getParent());
      Path _ = Files.write(file, one.getValue());
    }
  }
}
