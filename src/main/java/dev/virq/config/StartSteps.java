package dev.virq.config;

import dev.virq.sandbox.Sandboxes;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * When a start goes on with what was handed over, and fills what the init file names. The end is a
 * part of {@link GracefulShutdown}.
 */
@Configuration(proxyBeanMethods = false)
class StartSteps {
  private static final int TAKE = -1;

  /** Before {@link #loadInit}, which leaves alone what is there. */
  @Bean
  SmartLifecycle takeHandover(SandboxHandover handover, Sandboxes sandboxes) {
    return Step.ofStart(TAKE, () -> handover.take(sandboxes));
  }

  /** Long before the web server, which is among the last: no client finds a sandbox half filled. */
  @Bean
  SmartLifecycle loadInit(InitLoader init) {
    return Step.ofStart(TAKE + 1, init::load);
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
