package dev.virq.config;

import dev.virq.access.AccessSettings;
import dev.virq.access.CorsSettings;
import dev.virq.api.http.Instance;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.sandbox.SandboxFactory;
import dev.virq.sandbox.Sandboxes;
import dev.virq.trace.Probe;
import dev.virq.trace.Probes;
import dev.virq.workqueue.Workers;
import java.time.Clock;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Builds the sandboxes from the settings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(VirqProperties.class)
public class SandboxConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxConfiguration.class);

  @Bean
  Instance instance(VirqProperties virq, ObjectProvider<BuildProperties> build) {
    BuildProperties made = build.getIfAvailable();
    String version = made == null ? null : made.getVersion();
    String epoch = UUID.randomUUID().toString();
    LOG.info("node {} begins epoch {}", virq.node(), epoch);
    return new Instance(
        version == null ? "unknown" : version,
        virq.node(),
        epoch,
        virq.maxBody().toBytes(),
        virq.defaultTtl(),
        virq.breakpoints().enabled());
  }

  @Bean
  Limits limits(VirqProperties virq) {
    return virq.limits();
  }

  @Bean
  AccessSettings access(VirqProperties virq) {
    return virq.access();
  }

  @Bean
  CorsSettings cors(VirqProperties virq) {
    return virq.cors();
  }

  @Bean
  MemoryLimits memoryLimits(VirqProperties virq) {
    return virq.memory().limits(Runtime.getRuntime().maxMemory());
  }

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  /** Tells time in nanoseconds, for leases; a test may put its own in its place. */
  @FunctionalInterface
  public interface LeaseClock {
    /** As {@link System#nanoTime}. */
    long nanos();
  }

  @Bean
  LeaseClock leaseClock() {
    return System::nanoTime;
  }

  @Bean
  Sandboxes sandboxes(
      VirqProperties virq,
      Limits limits,
      MemoryLimits memory,
      LeaseClock leases,
      Clock clock,
      ObjectProvider<Probe> probes) {
    return new Sandboxes(
        new SandboxFactory(
            limits,
            memory,
            Workers.virtual(),
            new Probes(probes.orderedStream().toList()),
            leases::nanos,
            clock::millis),
        virq.workers(),
        virq.defaultSandbox());
  }
}
