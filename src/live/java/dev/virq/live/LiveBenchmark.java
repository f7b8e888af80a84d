package dev.virq.live;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * What operations cost in the real kernel, called from Java, and in virq, in the same run: rounds
 * of one and of the other in turn, and the medians.
 */
final class LiveBenchmark {
  private static final int SIGNALS = 20_000;
  private static final int LATCHES = 300;
  private static final int BINDINGS = 300;

  private final Map<String, List<double[]>> times = new LinkedHashMap<>();

  /**
   * Measures.
   *
   * @param rounds how many of each, the first of which only warms up
   * @param crowd irqfds bound beside those measured, in the second half of a round
   */
  static LiveBenchmark run(int rounds, int crowd) {
    LiveBenchmark benchmark = new LiveBenchmark();
    try (LiveKernel live = new LiveKernel()) {
      for (int i = 0; i < rounds; i++) {
        double[] kernel = live.call(() -> round(new KernelSide(live.kvm()), crowd));
        double[] virq = onVirtualThread(() -> round(new VirqSide(), crowd));
        if (i > 0) {
          benchmark.add(kernel, virq, crowd);
        }
      }
    }
    return benchmark;
  }

  /** As the requests of the HTTP API run; the kernel's calls need a thread of the system. */
  private static double[] onVirtualThread(Callable<double[]> what) {
    FutureTask<double[]> task = new FutureTask<>(what);
    Thread _ = Thread.startVirtualThread(task);
    return LiveKernel.get(task, "virq");
  }

  private static double[] round(Side opened, int crowd) {
    try (Side side = opened) {
      double message = side.signalMessage(SIGNALS);
      double latched = side.signalToLatched(LATCHES);
      double[] alone = side.assignAndDeassign(BINDINGS);
      side.crowd(crowd);
      double[] among = side.assignAndDeassign(BINDINGS);
      return new double[] {
        message, latched, alone[0], alone[1], among[0], among[1], side.closeVm()
      };
    }
  }

  private void add(double[] kernel, double[] virq, int crowd) {
    List<String> names =
        List.of(
            "signal, message route",
            "signal to latched, line route",
            "assign",
            "de-assign",
            "assign among " + crowd,
            "de-assign among " + crowd,
            "VM close under " + crowd);
    for (int i = 0; i < names.size(); i++) {
      times
          .computeIfAbsent(names.get(i), name -> new ArrayList<>())
          .add(new double[] {kernel[i], virq[i]});
    }
  }

  /** By what was measured: the median of virq over that of the kernel. */
  Map<String, Double> ratios() {
    Map<String, Double> ratios = new LinkedHashMap<>();
    times.forEach((name, rounds) -> ratios.put(name, median(rounds, 1) / median(rounds, 0)));
    return ratios;
  }

  /** A table for people. */
  @Override
  public String toString() {
    StringBuilder table =
        new StringBuilder("%-32s %12s %12s %6s%n".formatted("us", "Linux", "virq", "ratio"));
    times.forEach((name, rounds) -> {
      double kernel = median(rounds, 0) / 1_000;
      double virq = median(rounds, 1) / 1_000;
      table.append("%-32s %12.2f %12.2f %6.2f%n".formatted(name, kernel, virq, virq / kernel));
    });
    return table.toString();
  }

  private static double median(List<double[]> rounds, int side) {
    double[] sorted = rounds.stream().mapToDouble(round -> round[side]).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
