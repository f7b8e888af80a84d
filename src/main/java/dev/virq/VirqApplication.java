package dev.virq;

import dev.virq.life.ProcessEnd;
import dev.virq.life.Watchdog;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts virq: the simulated system calls behind HTTP. */
@SpringBootApplication
public class VirqApplication {
  /** Processors that virtual threads run on. */
  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  private static final int LEAST_CARRIERS = 8;

  /** Serves until SIGTERM, then drains and exits with 0. */
  public static void main(String[] args) {
    Watchdog.start();
    spareCarriers();
    var _ = SpringApplication.run(VirqApplication.class, args);
    // Run once the context is closed, so everything is drained. By itself the JVM would end with
    // 143 after SIGTERM, which reads as a failure.
    SpringApplication.getShutdownHandlers().add(ProcessEnd.THIS::exit);
  }

  /**
   * More carriers than calls and scripts that run at once: a virtual thread that does not block
   * keeps its carrier, and one that only asks for its turn needs a carrier too. The operating
   * system divides the processors among the carriers. Before the first virtual thread.
   */
  private static void spareCarriers() {
    if (System.getProperty(CARRIERS) == null) {
      int carriers = Math.max(LEAST_CARRIERS, 4 * Runtime.getRuntime().availableProcessors());
      System.setProperty(CARRIERS, Integer.toString(carriers));
    }
  }
}
