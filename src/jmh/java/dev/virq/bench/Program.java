package dev.virq.bench;

import dev.virq.VirqApplication;
import dev.virq.host.Host;
import dev.virq.sandbox.Sandboxes;
import dev.virq.stats.HostStats;
import dev.virq.trace.Outcome;
import java.io.IOException;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The program in this process, on a port of its own. */
public final class Program implements AutoCloseable {
  /** Where everything is that a benchmark makes over HTTP. */
  public static final String SANDBOX = "/v1/sandboxes/default";

  private static final int CREATED = 201;
  private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

  private final ConfigurableApplicationContext context;

  /** Starts it. */
  public Program() {
    context =
        new SpringApplication(VirqApplication.class)
            .run("--server.port=0", "--spring.main.banner-mode=off");
  }

  /** Where it listens. */
  public int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /** One of its parts. */
  public <T> T part(Class<T> type) {
    return context.getBean(type);
  }

  /** One of its parts, of several of that type. */
  public <T> T part(String name, Class<T> type) {
    return context.getBean(name, type);
  }

  /** A VM and an eventfd, descriptor 3, bound to its line 5. */
  public void bind() throws IOException {
    bind(port());
  }

  /** The same in a program that listens on that port of this machine. */
  static void bind(int port) throws IOException {
    try (HttpConnection connection = new HttpConnection(port)) {
      for (String[] made :
          new String[][] {
            {"/vms", "{}"}, {"/eventfds", "{}"}, {"/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}"}
          }) {
        byte[] _ =
            connection.call(
                HttpConnection.post(SANDBOX + made[0], "application/json", made[1]), CREATED);
      }
    }
  }

  /**
   * Every signal that there was reached the VM, by itself or merged with another.
   *
   * @return how many there were
   */
  public long requireInjected() {
    Host host = part(Sandboxes.class).find(Sandboxes.DEFAULT).host();
    host.waits().settled(LONG_NANOS);
    HostStats stats = host.stats();
    long reached =
        stats.outcomes().getOrDefault(Outcome.INJECTED, 0L)
            + stats.outcomes().getOrDefault(Outcome.COALESCED_PENDING, 0L);
    if (reached != stats.signals()) {
      throw new IllegalStateException("not all were injected: " + stats);
    }
    return reached;
  }

  /** Ends it. */
  @Override
  public void close() {
    context.close();
  }
}
