package dev.virq.api;

import dev.virq.config.SandboxConfiguration.LeaseClock;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Lets a test say what time it is for leases. */
@TestConfiguration(proxyBeanMethods = false)
class ManualLeases {
  final AtomicLong nanos = new AtomicLong();

  @Bean
  @Primary
  LeaseClock manualClock() {
    return nanos::get;
  }
}
