package dev.virq.live;

import dev.virq.errno.ErrnoException;
import dev.virq.script.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a script that shows something as short as it can be: without any one of its lines, or any
 * one optional word of them, it shows it no more.
 */
final class Shrinker {
  private final Predicate<String> shows;

  /**
   * Shrinks what shows that.
   *
   * @param shows whether a script still shows it
   */
  Shrinker(Predicate<String> shows) {
    this.shows = shows;
  }

  /** The shortest it finds from the lines, which show it. */
  List<String> shrink(List<String> lines) {
    List<String> shortest = new ArrayList<>(lines);
    int before;
    do {
      before = words(shortest);
      withoutLines(shortest);
      withoutWords(shortest);
    } while (words(shortest) < before);
    return shortest;
  }

  /** Leaves out runs of lines, long ones first. */
  private void withoutLines(List<String> lines) {
    for (int length = Math.max(1, lines.size() / 2); length > 0; length /= 2) {
      // From the end, where nothing that stays depends on what goes.
      for (int end = lines.size(); end > 0; end -= length) {
        int from = Math.max(0, end - length);
        List<String> fewer = new ArrayList<>(lines.subList(0, from));
        fewer.addAll(lines.subList(Math.min(end, lines.size()), lines.size()));
        if (!fewer.isEmpty() && shows.test(text(fewer))) {
          lines.clear();
          lines.addAll(fewer);
        }
      }
    }
  }

  private void withoutWords(List<String> lines) {
    for (int line = 0; line < lines.size(); line++) {
      int word = 1;
      while (true) {
        List<String> words = new ArrayList<>(Arrays.asList(lines.get(line).split(" ", -1)));
        if (word >= words.size()) {
          break;
        }
        words.remove(word);
        String shorter = String.join(" ", words);
        List<String> changed = new ArrayList<>(lines);
        changed.set(line, shorter);
        if (wellFormed(shorter) && shows.test(text(changed))) {
          lines.set(line, shorter);
        } else {
          word++;
        }
      }
    }
  }

  private static boolean wellFormed(String line) {
    try {
      var _ = Script.parse(line, 1);
      return true;
    } catch (ErrnoException e) {
      return false;
    }
  }

  private static int words(List<String> lines) {
    return lines.stream().mapToInt(line -> line.split(" ", -1).length).sum();
  }

  /** The lines as a script. */
  static String text(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }
}
