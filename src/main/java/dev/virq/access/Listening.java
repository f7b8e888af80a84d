package dev.virq.access;

import java.net.InetAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says in the log who can reach the API. */
@Component
final class Listening {
  private static final Logger LOG = LoggerFactory.getLogger(Listening.class);

  private final ServerProperties server;
  private final BearerTokens tokens;

  Listening(ServerProperties server, BearerTokens tokens) {
    this.server = server;
    this.tokens = tokens;
  }

  @EventListener
  void started(WebServerInitializedEvent event) {
    if (event.getApplicationContext().getServerNamespace() != null) {
      // The management port.
      return;
    }
    InetAddress address = server.getAddress();
    LOG.info(
        "the API listens on port {} of {}, and asks for {}",
        event.getWebServer().getPort(),
        address == null || address.isAnyLocalAddress()
            ? "every address"
            : address.getHostAddress() + (address.isLoopbackAddress() ? ", this machine only" : ""),
        tokens.areSet() ? "a token" : "no token");
  }
}
