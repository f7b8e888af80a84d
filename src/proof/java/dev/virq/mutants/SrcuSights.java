package dev.virq.mutants;

import dev.virq.models.SpinModel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which tool sees which mutant of the SRCU, and the test that shows it: taken from the lists that
 * the tests themselves run, so that nothing is in it that is not tested.
 */
public final class SrcuSights {
  private static final Pattern NUMBER = Pattern.compile("M(\\d+)");

  /** What may see a mutant. */
  public enum Tool {
    /** One interleaving, driven to where it hurts. */
    UNIT,
    /** Full speed, any number of threads, a few seconds. */
    TORTURE,
    /** Full speed, two threads, what processor and compiler make of it. */
    JCSTRESS,
    /** Interleavings, sequentially consistent. */
    LINCHECK,
    /** Interleavings of a model, with store buffers. */
    SPIN
  }

  /** Equivalent on x86 to the product, with the reason, and seen in a model of weaker memory. */
  public static final Map<String, String> EQUIVALENT_ON_X86 =
      Map.of(
          "M7",
          "the scans read in volatile mode and the monitor of the update side is a full barrier, so"
              + " an update is always visible before the scan",
          "M8",
          "the atomic add that counts an end is a full barrier of its own",
          "M14",
          "the store of idx in volatile mode is a barrier of its own; and without it only progress"
              + " would suffer, not safety, as the model shows");

  private SrcuSights() {}

  /** Tests by mutant ({@code M1} to {@code M28}) and tool. */
  public static Map<String, Map<Tool, List<String>>> table() {
    Map<String, Map<Tool, List<String>>> table = new TreeMap<>(SrcuSights::byNumber);
    Stream.concat(SrcuMutants.scans().stream(), SrcuMutants.waits().stream())
        .forEach(mutant -> add(table, mutant.id(), Tool.UNIT, mutant.test()));
    ToolMutants.TORTURED.forEach(m -> add(table, m.id(), Tool.TORTURE, tested(m, "torture")));
    ToolMutants.TORTURED_LONGER.forEach(
        m -> add(table, m.id(), Tool.TORTURE, tested(m, "torture") + " under -Pproof"));
    ToolMutants.STRESSED.forEach(
        m -> add(table, m.id(), Tool.JCSTRESS, m.test() + " under -Pjcstress"));
    ToolMutants.LINCHECKED.forEach(m -> add(table, m.id(), Tool.LINCHECK, tested(m, "lincheck")));
    ToolMutants.LINCHECKED_LONGER.forEach(
        m -> add(table, m.id(), Tool.LINCHECK, tested(m, "lincheck") + " under -Pproof"));
    SpinModel.all().stream()
        .filter(model -> !model.violation().isEmpty())
        .forEach(
            model -> add(table, model.name(), Tool.SPIN, "models.SpinModelsTest " + model.name()));
    return table;
  }

  private static String tested(Mutant mutant, String tool) {
    return "mutants.ToolMutantsTest#" + tool + " by " + mutant.test();
  }

  private static void add(
      Map<String, Map<Tool, List<String>>> table, String name, Tool tool, String test) {
    Matcher id = NUMBER.matcher(name);
    if (id.lookingAt()) {
      table
          .computeIfAbsent(id.group(), _ -> new EnumMap<>(Tool.class))
          .merge(tool, List.of(test), (a, b) -> List.copyOf(new TreeSet<>(concat(a, b))));
    }
  }

  private static List<String> concat(List<String> a, List<String> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }

  private static int byNumber(String a, String b) {
    return Integer.compare(Integer.parseInt(a.substring(1)), Integer.parseInt(b.substring(1)));
  }
}
