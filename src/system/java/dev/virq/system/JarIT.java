package dev.virq.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.virq.defect.Defect;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packaged jar as a person runs it: {@code java -jar}. */
class JarIT {
  private static final int JAVA_8 = 52;
  private static final Path PROGRAMS = Path.of("src/docs/programs");

  private record Said(int exit, String out, String err) {}

  static Path jar() throws IOException {
    Path target = Path.of("target");
    List<Path> jars = List.of();
    if (Files.isDirectory(target)) {
      try (Stream<Path> files = Files.list(target)) {
        jars =
            files
                .filter(file -> file.toString().matches(".*/virq-[^-]+(-SNAPSHOT)?\\.jar"))
                .toList();
      }
    }
    assumeTrue(jars.size() == 1, "no packaged jar in target: " + jars);
    return jars.getFirst();
  }

  private static Said run(String input, String... arguments) throws Exception {
    return runOn(ProcessHandle.current().info().command().orElse("java"), input, arguments);
  }

  private static Said runOn(String java, String input, String... arguments) throws Exception {
    return runOn(java, List.of(), input, arguments);
  }

  private static Said runOn(String java, List<String> options, String input, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(java);
    command.addAll(options);
    command.addAll(List.of("-jar", jar().toString()));
    command.addAll(List.of(arguments));
    Path err = Files.createTempFile("virq", "err");
    try {
      Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      try (var in = process.outputWriter(UTF_8)) {
        in.write(input);
      }
      String out = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Said(process.waitFor(), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }

  /** The machine's own Java, when that is an older one. */
  private static String oldJava() throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder("java", "-version").redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      int _ = process.waitFor();
      Matcher version = Pattern.compile("version \"(?:1\\.)?(\\d+)").matcher(said);
      assumeTrue(version.find() && Integer.parseInt(version.group(1)) < 25, "no old Java: " + said);
    } catch (IOException e) {
      assumeTrue(false, "no java on the path: " + e.getMessage());
    }
    return "java";
  }

  @Test
  void whatRunsFirstCanBeReadByJava8() throws IOException {
    try (JarFile jar = new JarFile(jar().toFile())) {
      String first = jar.getManifest().getMainAttributes().getValue("Main-Class");
      try (InputStream file =
          jar.getInputStream(jar.getEntry(first.replace('.', '/') + ".class"))) {
        byte[] start = file.readNBytes(8);
        assertThat(first).isEqualTo("dev.virq.launch.Launcher");
        assertThat(start[7]).isEqualTo((byte) JAVA_8);
      }
    }
  }

  @Test
  void oldJavaIsToldWhatIsNeeded() throws Exception {
    String old = oldJava();
    // --help: should it start after all, it ends.
    Said said = runOn(old, "", "--help");

    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err()).startsWith("virq needs Java 25 or newer; this is Java ");
    assertThat(said.err().lines()).hasSize(1);
  }

  @Test
  void helpComesWithoutASpringContext() throws Exception {
    Said said = run("", "--help");

    assertThat(said.exit()).isZero();
    assertThat(said.out()).startsWith("virq simulates").doesNotContain("Spring");
    assertThat(said.err()).isEmpty();
  }

  @Test
  void scriptOnStandardInputIsRun() throws Exception {
    Said said = run("vm_create v0\neventfd_read never\n", "run", "-");

    assertThat(said)
        .isEqualTo(
            new Said(
                0,
                """
                {"op":"vm_create v0","ok":true}
                {"op":"eventfd_read never","ok":false,"errno":"EBADF"}
                """,
                ""));
  }

  @Test
  void explorationOnStandardInputEndsWithItsExitCode() throws Exception {
    String program = Files.readString(PROGRAMS.resolve("hang-up.virq"));

    Said said = run(program, "explore", "-", "--defect", "no-flush", "--runs", "50");

    assertThat(said.out()).as("%s", said).endsWith("violated\n").doesNotContain("Spring");
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err()).isEmpty();
  }

  /** As a rig does it in its CI, on the project's own programs. */
  @Tag("thorough")
  @Test
  void noProgramOfTheProjectIsViolated() throws Exception {
    List<Path> programs;
    try (Stream<Path> files = Files.list(PROGRAMS)) {
      programs = files.sorted().toList();
    }
    assertThat(programs).hasSizeGreaterThan(5);
    for (Path program : programs) {
      Said said = run("", "explore", program.toString(), "--runs", "1000");

      assertThat(said.out()).as("%s", said).contains("1,000 runs").endsWith("was violated\n");
      assertThat(said.exit()).isZero();
    }
  }

  @Tag("thorough")
  @Test
  void eachDefectIsFoundByItsProgram() throws Exception {
    for (Defect defect : Defect.values()) {
      String program = PROGRAMS.resolve(defect.program()).toString();
      Said said = run("", "explore", program, "--defect", defect.word(), "--stop-on-first");

      assertThat(said.out()).as("%s", said).startsWith(defect.word()).contains(": violated in ");
      assertThat(said.exit()).isEqualTo(1);
    }
  }

  /** Counts, outcomes and schedules: all but the time that it took, which is in the last line. */
  @Tag("thorough")
  @Test
  void oneSeedIsOneExplorationOnAnyMachine() throws Exception {
    String program = PROGRAMS.resolve("all-three.virq").toString();
    List<List<String>> printed = new ArrayList<>();
    for (String carriers : List.of("1", "4")) {
      Said said =
          runOn(
              ProcessHandle.current().info().command().orElse("java"),
              List.of(
                  "-Djdk.virtualThreadScheduler.parallelism=" + carriers,
                  "-XX:ActiveProcessorCount=" + carriers),
              "",
              "explore",
              program,
              "--json");
      List<String> lines = said.out().lines().toList();
      assertThat(lines).as("%s", said).hasSizeGreaterThan(5);
      printed.add(lines.subList(0, lines.size() - 1));
    }
    assertThat(printed.getFirst()).isEqualTo(printed.getLast());
  }
}
