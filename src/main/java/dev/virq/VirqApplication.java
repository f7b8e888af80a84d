package dev.virq;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts virq: the simulated system calls behind HTTP. */
@SpringBootApplication
public class VirqApplication {

  /** Serves until SIGTERM, then drains and exits with 0. */
  public static void main(String[] args) {
    var _ = SpringApplication.run(VirqApplication.class, args);
    // Run once the context is closed, so everything is drained. By itself the JVM would end with
    // 143 after SIGTERM, which reads as a failure.
    SpringApplication.getShutdownHandlers().add(() -> Runtime.getRuntime().halt(0));
  }
}
