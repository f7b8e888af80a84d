package dev.virq.config;

import dev.virq.life.ProcessEnd;
import dev.virq.sandbox.DrainReport;
import dev.virq.sandbox.Sandboxes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The end of the instance, in three steps: no new sandboxes, every hold and wait ends; the web
 * server lets its requests end; every accepted signal gets its outcome and everything is closed.
 */
@Configuration(proxyBeanMethods = false)
class GracefulShutdown {
  private static final Logger LOG = LoggerFactory.getLogger(GracefulShutdown.class);

  /** Before the web server, which stops from the highest phase down. */
  @Bean
  SmartLifecycle beginDrain(Sandboxes sandboxes, VirqProperties virq) {
    ProcessEnd.THIS.limit(virq.shutdownTimeout().toNanos());
    return Step.ofEnd(SmartLifecycle.DEFAULT_PHASE, sandboxes::beginDrain);
  }

  /** After the web server, when no more signals can come. */
  @Bean
  SmartLifecycle endDrain(Sandboxes sandboxes, SandboxHandover handover, VirqProperties virq) {
    return Step.ofEnd(
        Integer.MIN_VALUE, () -> report(handover.drain(sandboxes, virq.drainTimeout())));
  }

  private static void report(DrainReport report) {
    LOG.info(
        "drained: complete={} sandboxes={} signals={} outcomes={} lost={}",
        report.complete(),
        report.sandboxes(),
        report.signals(),
        report.outcomes(),
        report.lost());
    if (!report.complete()) {
      ProcessEnd.THIS.incomplete();
    }
  }
}
