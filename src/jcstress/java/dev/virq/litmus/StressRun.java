package dev.virq.litmus;

import dev.virq.mutants.BrokenClasses;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the rows of two threads under jcstress: on the product in both access modes, then, as
 * controls, on broken copies of it. Exits with 1 when fewer tests ran than there are, when a
 * forbidden outcome was seen, when an outcome that this machine shows was not seen, or when a
 * control saw nothing.
 *
 * <p>Arguments: milliseconds an iteration, iterations, and optionally the names of the runs.
 */
public final class StressRun {
  private static final Path TARGET = Path.of("target", "jcstress");

  /** Allowed, and shown by x86; the others of the kind are only written down. */
  private static final String SHOWN = "L13|L14|L15|L16|L22\\w+";

  /** Of these an outcome is forbidden, and a synchronize that waits for nobody shows it. */
  private static final String SHARP = "L\\d+Swapped|L4|K1|K1Expedited";

  /** The same of those that do not call synchronize, with a grace period that looks but once. */
  private static final String OTHER_WAYS = "K4|K5";

  /**
   * One run.
   *
   * @param strong whether variables are volatile
   * @param broken the mutant it runs on, or empty for the product
   * @param tests which, by simple name
   * @param seen of which the outcome has to be seen
   */
  private record Setup(String name, boolean strong, String broken, String tests, String seen) {}

  private static final List<Setup> SETUPS =
      List.of(
          new Setup("opaque", false, "", ".*", SHOWN),
          new Setup("volatile", true, "", "L\\d.*", "L1[3-6]"),
          new Setup("M2", false, "M2", SHARP, SHARP),
          new Setup("M13", false, "M13", OTHER_WAYS, OTHER_WAYS),
          new Setup("M6", false, "M6", "L5Buffered", "L5Buffered"),
          new Setup("M26", false, "M26", "M26", "M26"));

  private final String millis;
  private final String iterations;
  private final List<String> faults = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  private StressRun(String millis, String iterations) {
    this.millis = millis;
    this.iterations = iterations;
  }

  public static void main(String[] args) throws Exception {
    StressRun run = new StressRun(args[0], args[1]);
    List<String> only = List.of(args).subList(2, args.length);
    for (Setup setup : SETUPS) {
      if (only.isEmpty() || only.contains(setup.name)) {
        run.judge(setup, run.run(setup));
      }
    }
    Files.write(TARGET.resolve("report.txt"), run.lines);
    run.lines.forEach(System.out::println);
    run.faults.forEach(System.err::println);
    if (!run.faults.isEmpty()) {
      System.exit(1);
    }
  }

  private Map<String, List<TestResult>> run(Setup setup) throws Exception {
    Path directory = TARGET.resolve(setup.name);
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(File::delete);
      }
    }
    Path _ = Files.createDirectories(directory);
    String classPath = System.getProperty("java.class.path");
    if (!setup.broken.isEmpty()) {
      Path classes = directory.resolve("classes").toAbsolutePath();
      BrokenClasses.write(setup.broken, classes);
      classPath = classes + File.pathSeparator + classPath;
    }
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath,
            "org.openjdk.jcstress.Main",
            "-t",
            "\\.(" + setup.tests + ")$",
            "-f",
            "1",
            "-iters",
            iterations,
            "-time",
            millis,
            "-sc",
            "false",
            "-af",
            "NONE",
            "-jvmArgs",
            "-Xmx512m -Dvirq.litmus.volatile=" + setup.strong,
            "-r",
            "report");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output.txt").toFile())
            .start();
    // It exits with an error when an outcome is forbidden, which a control has to be.
    int _ = process.waitFor();
    return results(directory);
  }

  private static Map<String, List<TestResult>> results(Path directory) throws Exception {
    Map<String, List<TestResult>> results = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".bin.gz")).toList()) {
        DiskReadCollector reader =
            new DiskReadCollector(
                file.toString(),
                result ->
                    results.computeIfAbsent(result.getName(), _ -> new ArrayList<>()).add(result));
        reader.dump();
        reader.close();
      }
    }
    if (results.isEmpty()) {
      throw new IOException("no results in " + directory + ", see output.txt there");
    }
    return results;
  }

  private void judge(Setup setup, Map<String, List<TestResult>> results) {
    Pattern mine = Pattern.compile(setup.tests);
    Set<String> exist =
        TestList.tests().stream()
            .filter(name -> mine.matcher(simple(name)).matches())
            .collect(Collectors.toSet());
    if (exist.isEmpty() || !results.keySet().equals(exist)) {
      faults.add("%s: %s exist, %s ran".formatted(setup.name, exist, results.keySet()));
    }
    for (Map.Entry<String, List<TestResult>> one : results.entrySet()) {
      judge(setup, simple(one.getKey()), one.getValue());
    }
  }

  private void judge(Setup setup, String test, List<TestResult> results) {
    long samples = 0;
    long forbidden = 0;
    long interesting = 0;
    for (TestResult result : results) {
      if (result.status() != Status.NORMAL) {
        faults.add("%s %s: %s".formatted(setup.name, test, result.status()));
      }
      samples += result.getTotalCount();
      for (GradingResult outcome : result.grading().gradingResults.values()) {
        forbidden += outcome.expect == Expect.FORBIDDEN ? outcome.count : 0;
        interesting += outcome.expect == Expect.ACCEPTABLE_INTERESTING ? outcome.count : 0;
      }
    }
    lines.add(
        "%-8s %-14s %,12d samples, forbidden seen %,8d, allowed seen %,8d"
            .formatted(setup.name, test, samples, forbidden, interesting));
    if (samples == 0) {
      faults.add("%s %s did nothing".formatted(setup.name, test));
    }
    if (forbidden > 0 && setup.broken.isEmpty()) {
      faults.add("%s %s: forbidden, and seen %,d times".formatted(setup.name, test, forbidden));
    }
    if (test.matches(setup.seen) && forbidden + interesting == 0) {
      faults.add("%s %s: has to be seen, and was not".formatted(setup.name, test));
    }
  }

  private static String simple(String test) {
    return test.substring(test.lastIndexOf('.') + 1);
  }
}
