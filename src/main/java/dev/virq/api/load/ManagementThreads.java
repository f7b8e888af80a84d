package dev.virq.api.load;

import dev.virq.api.wire.HeadValve;
import java.time.Duration;
import org.apache.coyote.AbstractProtocol;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Health and metrics on a port of their own have threads of their own, which are not virtual: they
 * answer also when calls keep all the others busy.
 *
 * <p>Named in META-INF/spring for the context of that port, and not found by looking for
 * components.
 */
public final class ManagementThreads {
  /** Each has a thread, for there may be as many. */
  private static final int CONNECTIONS = 64;

  /** A probe is sent at once; who sends slowly keeps the others from theirs. */
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  /** For Spring. */
  public ManagementThreads() {}

  /** After the one that puts every server on virtual threads. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  @ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementThreads() {
    return factory -> {
      factory.setProtocol(DeadlineProtocol.class.getName());
      factory.addEngineValves(new DrainValve(DEADLINE, System::nanoTime), new HeadValve());
      factory.addProtocolHandlerCustomizers(
          (AbstractProtocol<?> protocol) -> protocol.setExecutor(null));
      // Of the connector, not of the protocol: server.tomcat.max-connections is set by one of
      // these.
      factory.addConnectorCustomizers(connector -> {
        if (connector.getProtocolHandler() instanceof DeadlineProtocol protocol) {
          protocol.setMaxConnections(CONNECTIONS);
          protocol.setHeadDeadline(DEADLINE);
        }
      });
    };
  }
}
