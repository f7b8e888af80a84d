package dev.virq.config;

import dev.virq.init.InitFile;
import dev.virq.sandbox.Sandboxes;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Fills the sandboxes that {@code virq.init} names. */
@Component
final class InitLoader {
  private static final Logger LOG = LoggerFactory.getLogger(InitLoader.class);

  private final VirqProperties virq;
  private final Sandboxes sandboxes;
  private final SandboxHandover handover;

  InitLoader(VirqProperties virq, Sandboxes sandboxes, SandboxHandover handover) {
    this.handover = handover;
    this.virq = virq;
    this.sandboxes = sandboxes;
  }

  /** Fills them, but for those that were handed over. */
  void load() {
    if (virq.init().isEmpty()) {
      return;
    }
    Path file = Path.of(virq.init());
    int filled =
        new InitFile(file, virq.maxBody().toBytes(), sandboxes).load(handover.handedOver());
    LOG.info("{} filled {} sandboxes", file, filled);
  }
}
