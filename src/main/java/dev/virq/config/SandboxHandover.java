package dev.virq.config;

import dev.virq.api.http.Instance;
import dev.virq.handover.Handover;
import dev.virq.handover.HandoverFailure;
import dev.virq.life.ProcessEnd;
import dev.virq.sandbox.DrainReport;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The handover that {@code virq.handover} asks for, if it does. */
@Component
final class SandboxHandover implements DisposableBean {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxHandover.class);

  private final String directory;
  private final String version;
  private @Nullable Handover handover;
  private Set<String> handedOver = Set.of();

  SandboxHandover(VirqProperties virq, Instance instance) {
    this.directory = virq.handover();
    this.version = instance.version();
  }

  /**
   * Goes on with what was left.
   *
   * @throws HandoverFailure the directory cannot be used
   */
  void take(Sandboxes sandboxes) {
    if (directory.isEmpty()) {
      return;
    }
    Handover opened = new Handover(path(), version, Runtime.getRuntime().maxMemory());
    handover = opened;
    handedOver = opened.take(sandboxes);
    LOG.info("{}: goes on with {} sandboxes", directory, handedOver.size());
  }

  private Path path() {
    try {
      return Path.of(directory);
    } catch (InvalidPathException e) {
      throw new HandoverFailure(directory, "is no path: " + e.getReason());
    }
  }

  /** The names of the sandboxes that it goes on with. */
  Set<String> handedOver() {
    return handedOver;
  }

  /**
   * Calls may come from here on.
   *
   * @throws HandoverFailure the directory cannot be written, or the process was told to end: what
   *     was left is better left where it is than written again in what time there is
   */
  void withdraw() {
    if (handover == null) {
      return;
    }
    if (ProcessEnd.THIS.hasBegun()) {
      throw new HandoverFailure(directory, "the start was ended before it was over");
    }
    handover.withdraw();
  }

  /** The start is over. */
  void began() {
    if (handover != null) {
      handover.began();
    }
  }

  /** Leases begin when clients can come: what came after they were taken may have taken long. */
  void renew(Sandboxes sandboxes) {
    for (Sandbox sandbox : sandboxes.list(null)) {
      if (handedOver.contains(sandbox.settings().name())) {
        boolean _ = sandbox.renew(null);
      }
    }
  }

  /** Ends everything; what is settled is left, if there is a directory for it. */
  DrainReport drain(Sandboxes sandboxes, Duration timeout) {
    Handover to = handover;
    return to == null
        ? sandboxes.drain(timeout)
        : sandboxes.drain(timeout, settled -> leave(to, settled));
  }

  /** Within half of the time that the shutdown has left: the rest is for closing. */
  private void leave(Handover to, List<Sandbox> settled) {
    try {
      int left = to.leave(settled, Duration.ofNanos(ProcessEnd.THIS.leftNanos() / 2));
      LOG.info("{}: left {} of {} settled sandboxes", directory, left, settled.size());
    } catch (RuntimeException | Error e) {
      ProcessEnd.THIS.haltIfFatal(e);
      // All is closed nevertheless, and who waits for the exit is told.
      ProcessEnd.THIS.incomplete();
      LOG.error("{}: sandboxes could not be left", directory, e);
    }
  }

  @Override
  public void destroy() throws IOException {
    if (handover != null) {
      handover.close();
    }
  }
}
