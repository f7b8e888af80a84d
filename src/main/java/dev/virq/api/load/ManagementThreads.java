package dev.virq.api.load;

import org.apache.coyote.AbstractProtocol;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
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
  private static final int THREADS = 4;
  private static final int CONNECTIONS = 64;

  /** For Spring. */
  public ManagementThreads() {}

  /** After the one that puts every server on virtual threads. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  @ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> managementThreads() {
    return factory -> {
      factory.addProtocolHandlerCustomizers((AbstractProtocol<?> protocol) -> {
        protocol.setExecutor(null);
        protocol.setMinSpareThreads(1);
        protocol.setMaxThreads(THREADS);
      });
      // Of the connector, not of the protocol: server.tomcat.max-connections is set by one of
      // these.
      factory.addConnectorCustomizers(connector -> {
        boolean _ = connector.setProperty("maxConnections", String.valueOf(CONNECTIONS));
      });
    };
  }
}
