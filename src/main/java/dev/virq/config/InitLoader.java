package dev.virq.config;

import dev.virq.init.InitFile;
import dev.virq.sandbox.Sandboxes;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Fills the sandboxes that {@code virq.init} names, before the web server takes a connection. */
@Component
final class InitLoader implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(InitLoader.class);

  private final VirqProperties virq;
  private final Sandboxes sandboxes;
  private final SandboxHandover handover;
  private volatile boolean running; // asked by the thread that closes the context

  InitLoader(VirqProperties virq, Sandboxes sandboxes, SandboxHandover handover) {
    this.handover = handover;
    this.virq = virq;
    this.sandboxes = sandboxes;
  }

  @Override
  public void start() {
    running = true;
    if (virq.init().isEmpty()) {
      return;
    }
    Path file = Path.of(virq.init());
    int filled =
        new InitFile(file, virq.maxBody().toBytes(), sandboxes).load(handover.handedOver());
    LOG.info("{} filled {} sandboxes", file, filled);
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Not taken to rest and started again with a context: it is for one start. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  /** After what was handed over, and long before the web server, which is among the last. */
  @Override
  public int getPhase() {
    return 0;
  }
}
