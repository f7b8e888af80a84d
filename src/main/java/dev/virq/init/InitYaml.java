package dev.virq.init;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;

/** Reads YAML, or JSON, which is YAML too. What it is not is refused by its line. */
final class InitYaml {
  private InitYaml() {}

  /** Its nodes, which know their lines; null when there is nothing. */
  static @Nullable Node nodes(Path file, String text) {
    return read(file, text, yaml -> yaml.compose(new StringReader(text)));
  }

  /** Its values: maps, lists, texts, numbers and truth; null when there is nothing. */
  static @Nullable Object values(Path file, String text) {
    return read(file, text, yaml -> yaml.load(text));
  }

  private static <R extends @Nullable Object> R read(
      Path file, String text, Function<Yaml, R> reading) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(0);
    options.setCodePointLimit(Integer.MAX_VALUE);
    try {
      return reading.apply(new Yaml(new SafeConstructor(options)));
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      throw mark == null
          ? new InitFailure(file, e.getProblem())
          : new InitFailure(file, mark.getLine() + 1, e.getProblem());
    } catch (ReaderException e) {
      long before = text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      throw new InitFailure(
          file,
          (int) before + 1,
          "the character U+%04X is not allowed".formatted(e.getCodePoint()));
    } catch (YAMLException e) {
      throw new InitFailure(file, String.valueOf(e.getMessage()));
    }
  }
}
