package dev.virq.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks in turns, each in a JVM of its own, and prints what they did and the ratios of
 * those that differ in one thing: the median of the rounds, the lowest and the highest.
 *
 * <p>JMH makes all forks of one benchmark before the next one begins; on a machine that others use
 * as well, ratios of figures made minutes apart say little.
 *
 * <p>Arguments: how many rounds, and then those of JMH.
 */
public final class Rounds {
  private Rounds() {}

  /**
   * One line of the comparison.
   *
   * @param said the method and the parameters
   */
  private record Row(Map<String, String> said) {
    static Row of(BenchmarkParams params) {
      Map<String, String> said = new TreeMap<>();
      String[] words = params.getBenchmark().split("\\.");
      said.put("", words[words.length - 2] + "." + words[words.length - 1]);
      for (String name : params.getParamsKeys()) {
        said.put(name, params.getParam(name));
      }
      return new Row(said);
    }

    /** Whether the two differ in the method or in one parameter, and in nothing else. */
    boolean isBeside(Row other) {
      return said.keySet().equals(other.said.keySet())
          && said.entrySet().stream()
                  .filter(one -> !one.getValue().equals(other.said.get(one.getKey())))
                  .count()
              == 1;
    }

    @Override
    public String toString() {
      return String.join(" ", said.values());
    }
  }

  /** Runs them. */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    int rounds = Integer.parseInt(args[0]);
    CommandLineOptions options = new CommandLineOptions(Arrays.copyOfRange(args, 1, args.length));
    Map<Row, List<RunResult>> runs = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      Runner runner =
          new Runner(new OptionsBuilder().parent(options).forks(1).shouldFailOnError(true).build());
      for (RunResult run : runner.run()) {
        runs.computeIfAbsent(Row.of(run.getParams()), row -> new ArrayList<>()).add(run);
      }
    }
    System.out.println("\nmedians of " + rounds + " rounds (lowest to highest)");
    runs.forEach(Rounds::print);
    System.out.println("\nratios");
    List<Row> rows = List.copyOf(runs.keySet());
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (rows.get(i).isBeside(rows.get(j))) {
          double[] ratios = ratios(scores(runs.get(rows.get(i))), scores(runs.get(rows.get(j))));
          System.out.println(rows.get(i) + " / " + rows.get(j) + ": " + shown(ratios));
        }
      }
    }
  }

  private static void print(Row row, List<RunResult> runs) {
    System.out.println(row);
    System.out.println(
        "    %s %s"
            .formatted(shown(scores(runs)), runs.getFirst().getPrimaryResult().getScoreUnit()));
    for (Map.Entry<String, Result> second : runs.getFirst().getSecondaryResults().entrySet()) {
      // A round without a collection says nothing of how long one took.
      double[] scores =
          runs.stream()
              .map(run -> run.getSecondaryResults().get(second.getKey()))
              .filter(Objects::nonNull)
              .mapToDouble(Result::getScore)
              .toArray();
      System.out.println(
          "    %s: %s %s"
              .formatted(second.getKey(), shown(scores), second.getValue().getScoreUnit()));
    }
  }

  private static double[] scores(List<RunResult> runs) {
    return runs.stream().mapToDouble(run -> run.getPrimaryResult().getScore()).toArray();
  }

  private static double[] ratios(double[] above, double[] below) {
    double[] ratios = new double[above.length];
    Arrays.setAll(ratios, i -> above[i] / below[i]);
    return ratios;
  }

  /** Median, lowest and highest, to three digits or more. */
  static String shown(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return "%s (%s to %s)"
        .formatted(
            shown(sorted[sorted.length / 2]), shown(sorted[0]), shown(sorted[sorted.length - 1]));
  }

  private static String shown(double figure) {
    return (figure < 10 ? "%.3f" : figure < 1_000 ? "%.1f" : "%,.0f").formatted(figure);
  }
}
