package dev.virq.config;

import dev.virq.sandbox.Sandboxes;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * When a start goes on with what was handed over. The end of it is a part of {@link
 * GracefulShutdown}.
 */
@Configuration(proxyBeanMethods = false)
class HandoverSteps {
  /** Before {@link InitLoader}, which leaves alone what is there. */
  @Bean
  SmartLifecycle takeHandover(SandboxHandover handover, Sandboxes sandboxes) {
    return Step.ofStart(-1, () -> handover.take(sandboxes));
  }

  /** Right before the web server: after the first call nobody may go on with what was before it. */
  @Bean
  SmartLifecycle withdrawHandover(SandboxHandover handover) {
    return Step.ofStart(
        WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1, handover::withdraw);
  }

  /** Right after it: if its port is taken, all that was left is left again. */
  @Bean
  SmartLifecycle endHandover(SandboxHandover handover) {
    return Step.ofStart(
        WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1, handover::began);
  }

  /** Before {@link LeaseSweeper} begins to look. */
  @Bean
  SmartLifecycle renewHandover(SandboxHandover handover, Sandboxes sandboxes) {
    return Step.ofStart(SmartLifecycle.DEFAULT_PHASE - 1, () -> handover.renew(sandboxes));
  }
}
