package dev.virq.api.load;

import dev.virq.api.wire.HeadValve;
import dev.virq.share.Shares;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;

/** Bounds the connections of the API, and the time that a request's head may take. */
@Component
final class Connections
    implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {
  /** Of all connections, so large a part may have unread calls of one sandbox. */
  private static final int LINE_PART = 4;

  private final RequestCosts costs;
  private final Shares shares;

  Connections(RequestCosts costs, @Qualifier("requestShares") Shares shares) {
    this.costs = costs;
    this.shares = shares;
  }

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.setProtocol(DeadlineProtocol.class.getName());
    Crowd crowd = new Crowd();
    factory.addEngineValves(
        new CrowdValve(crowd), new DrainValve(costs.deadline(), System::nanoTime), new HeadValve());
    // Of the connector, not of the protocol: server.tomcat.max-connections is set by one of these.
    factory.addConnectorCustomizers(connector -> {
      if (connector.getProtocolHandler() instanceof DeadlineProtocol protocol) {
        protocol.setMaxConnections(costs.connections());
        protocol.setHeadDeadline(costs.deadline());
        protocol.setCrowd(crowd);
        protocol.setLongestLine(Math.min(shares.queued(), costs.connections() / LINE_PART));
      }
    });
  }

  /** After server.tomcat.max-connections. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }
}
