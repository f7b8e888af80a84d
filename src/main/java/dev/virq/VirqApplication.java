package dev.virq;

import dev.virq.cli.CommandLine;
import dev.virq.life.ProcessEnd;
import dev.virq.life.Watchdog;
import dev.virq.training.Training;
import dev.virq.training.TrainingFailure;
import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts virq: the simulated system calls behind HTTP, or what else the command line asks for. */
@SpringBootApplication
public class VirqApplication {
  /** Processors that virtual threads run on. */
  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  private static final String HANDOVER = "--virq.handover=";

  /** Does what the command line says; without a command it serves. */
  public static void main(String[] args) {
    int exit =
        CommandLine.of(System.in, System.out, System.err)
            .run(args, VirqApplication::serve, VirqApplication::train);
    if (exit != 0) {
      System.exit(exit);
    }
  }

  /** Serves until SIGTERM, then drains and exits with 0. */
  private static ConfigurableApplicationContext serve(String[] args) {
    Watchdog.start();
    spareCarriers();
    // Run once the context is closed, so everything is drained. By itself the JVM would end with
    // 143 after SIGTERM, which reads as a failure. Before the start, which may be told to end, too.
    SpringApplication.getShutdownHandlers().add(ProcessEnd.THIS::exit);
    try {
      return SpringApplication.run(VirqApplication.class, args);
    } catch (SpringApplication.AbandonedRunException e) {
      // The build, which only wants to know the beans.
      throw e;
    } catch (RuntimeException | Error e) {
      ProcessEnd.THIS.notStarted();
      throw e;
    }
  }

  /** Serves for as long as a training run takes, and ends as after SIGTERM. */
  private static void train(String[] args) {
    // Whatever ends it before its time, a signal too: the cache is not to be used.
    ProcessEnd.THIS.notStarted();
    ConfigurableApplicationContext context = serve(withoutHandover(args));
    try (Training training = Training.of(context.getEnvironment())) {
      System.out.printf("virq: training: %,d calls%n", training.run());
      ProcessEnd.THIS.done();
    } catch (TrainingFailure e) {
      System.err.println("virq: training: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // The code is said by who drains.
      System.exit(ProcessEnd.NOT_STARTED);
    }
  }

  /** What others are to go on with is not for a training run. */
  private static String[] withoutHandover(String[] args) {
    return Stream.concat(
            Arrays.stream(args).filter(arg -> !arg.startsWith(HANDOVER)), Stream.of(HANDOVER))
        .toArray(String[]::new);
  }

  /**
   * One more than calls and scripts that run at once by default: a virtual thread that does not
   * block keeps its carrier, and one that only asks for its turn needs a carrier too. The operating
   * system divides the processors among the carriers, and among them and the threads that take
   * connections and look for requests, so more would keep these waiting. Before the first virtual
   * thread.
   */
  private static void spareCarriers() {
    if (System.getProperty(CARRIERS) == null) {
      int processors = Runtime.getRuntime().availableProcessors();
      int carriers = 2 * processors + Math.max(1, processors - 1) + 1;
      System.setProperty(CARRIERS, Integer.toString(carriers));
    }
  }
}
