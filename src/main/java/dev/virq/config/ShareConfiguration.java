package dev.virq.config;

import dev.virq.api.load.RequestCosts;
import dev.virq.errno.Errno;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.share.Shares;
import dev.virq.share.Slices;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Builds what calls and scripts share from the settings. */
@Configuration(proxyBeanMethods = false)
class ShareConfiguration {
  private static final int CALLS_A_PROCESSOR = 2;
  private static final int HEAP_PART = 8;

  /** A call is served in less; a place that is kept for longer is kept by a bug. */
  private static final Duration CALL_PATIENCE = Duration.ofSeconds(1);

  private static final Duration SCRIPT_PATIENCE = Duration.ofMinutes(1);

  @Bean
  Shares requestShares(VirqProperties virq) {
    int set = virq.shares().calls();
    int atOnce = set == 0 ? CALLS_A_PROCESSOR * processors() : set;
    return new Shares(
        "calls",
        new Shares.Bounds(
            atOnce,
            // The other half is free at once for the others.
            Math.max(1, atOnce / 2),
            virq.shares().callsQueued(),
            CALL_PATIENCE.toNanos()));
  }

  /** One processor is left to the others, where there is one to leave. */
  @Bean
  Shares scriptShares(VirqProperties virq) {
    int set = virq.shares().scripts();
    return new Shares(
        "scripts",
        new Shares.Bounds(
            set == 0 ? Math.max(1, processors() - 1) : set,
            1,
            virq.shares().scriptsQueued(),
            SCRIPT_PATIENCE.toNanos()));
  }

  @Bean
  Slices.Length scriptSlice(VirqProperties virq) {
    return new Slices.Length(virq.shares().slice().toNanos());
  }

  @Bean
  RequestCosts requestCosts(VirqProperties virq) {
    VirqProperties.RequestSettings requests = virq.requests();
    long heap = Runtime.getRuntime().maxMemory();
    long memory = requests.memory().toBytes();
    int connections = requests.connections();
    return new RequestCosts(
        memory == 0 ? heap / HEAP_PART : memory,
        connections == 0 ? Limits.connectionsThatFit() : connections,
        requests.deadline(),
        requests.answerDeadline());
  }

  @Bean
  Quota requestBytes(RequestCosts costs) {
    return new Quota("bytes for requests under way", costs.bytes(), Errno.ENFILE, null);
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }
}
