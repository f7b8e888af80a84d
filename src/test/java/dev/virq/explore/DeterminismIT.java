package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A schedule makes the same run on another machine: recorded by a process with one processor and
 * one carrier of virtual threads, and replayed by one with two of each, which are kept busy. {@code
 * -Dvirq.explore.schedules=} sets how many.
 */
@Tag("thorough")
class DeterminismIT {
  private static final int SCHEDULES = Integer.getInteger("virq.explore.schedules", 10_000);
  private static final Path PROGRAM = Path.of("src/docs/programs/all-three.virq");
  private static final int AGAIN = 1_000;
  private static final long HUNG_MINUTES = 10;

  @TempDir Path dir;

  @Test
  void schedulesMakeTheSameRunsOnAnotherMachine() throws Exception {
    List<String> lines = machine(1, "record", Integer.toString(SCHEDULES), "recorded");

    assertThat(lines).hasSize(SCHEDULES);
    assertThat(new LinkedHashSet<>(lines)).hasSizeGreaterThan(SCHEDULES / 100);
    assertThat(machine(2, "replay", dir.resolve("recorded").toString(), "replayed", "-Dbusy=true"))
        .isEqualTo(lines);
  }

  /** The control: what depends on the process is noticed. */
  @Test
  void runThatDependsOnTheMachineIsNoticed() throws Exception {
    List<String> lines = machine(1, "record", "3", "recorded", "-Dplanted=true");

    assertThat(
            machine(1, "replay", dir.resolve("recorded").toString(), "replayed", "-Dplanted=true"))
        .isNotEqualTo(lines);
  }

  /**
   * Its threads end all at once then, on all carriers, and nothing of that is seen. Three VMs, so
   * that many end.
   */
  @Test
  void oneScheduleThatDeadlocksIsOneStory() throws Exception {
    StringBuilder program = new StringBuilder("setup:\n");
    for (int i = 0; i < 3; i++) {
      program.append(
          """
            vm_create v%1$d
            irqchip_create v%1$d
            eventfd_create e%1$d 0
            irqfd_assign v%1$d e%1$d 5
          """
              .formatted(i));
    }
    for (int i = 0; i < 3; i++) {
      program.append("actor w%1$d:\n  eventfd_write e%1$d 1\n".formatted(i));
      program.append("actor m%1$d:\n  vm_close v%1$d\n".formatted(i));
    }
    program.append("observe: outcome(w0.1), outcome(w1.1), outcome(w2.1)\n");
    Path file = Files.writeString(dir.resolve("three.virq"), program);

    List<String> lines =
        machine(
            file,
            2,
            "deadlocked",
            Integer.toString(AGAIN),
            "deadlocked",
            "-Ddefect=grace-period-under-lock");

    assertThat(lines).hasSize(AGAIN);
    assertThat(new LinkedHashSet<>(lines)).hasSize(1);
  }

  private List<String> machine(
      int processors, String what, String given, String output, String... more)
      throws IOException, InterruptedException {
    return machine(PROGRAM, processors, what, given, output, more);
  }

  private List<String> machine(
      Path program, int processors, String what, String given, String output, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:ActiveProcessorCount=" + processors,
                "-Djdk.virtualThreadScheduler.parallelism=" + processors,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(List.of(more));
    Path out = dir.resolve(output);
    command.addAll(
        List.of(ReplayMain.class.getName(), what, program.toString(), given, out.toString()));
    Path told = dir.resolve(output + ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(told.toFile()).start();
    try {
      assertThat(process.waitFor(HUNG_MINUTES, TimeUnit.MINUTES)).as(what).isTrue();
      assertThat(process.exitValue()).as(Files.readString(told)).isZero();
      return Files.readAllLines(out);
    } finally {
      Process _ = process.destroyForcibly();
    }
  }
}
