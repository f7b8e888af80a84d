package dev.virq;

import dev.virq.cli.CommandLine;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts virq: the simulated system calls behind HTTP, or what else the command line asks for. */
@SpringBootApplication
public class VirqApplication {

  /** Does what the command line says; without a command it serves. */
  public static void main(String[] args) {
    int exit = CommandLine.of(System.in, System.out, System.err).run(args, VirqApplication::serve);
    if (exit != 0) {
      System.exit(exit);
    }
  }

  /** Serves until SIGTERM, then drains and exits with 0. */
  private static void serve(String[] args) {
    AtomicInteger exit = new AtomicInteger();
    // Run once the context is closed, so everything is drained. By itself the JVM would end with
    // 143 after SIGTERM, which reads as a failure.
    SpringApplication.getShutdownHandlers().add(() -> Runtime.getRuntime().halt(exit.get()));
    try {
      var _ = SpringApplication.run(VirqApplication.class, args);
    } catch (RuntimeException | Error e) {
      exit.set(1);
      throw e;
    }
  }
}
