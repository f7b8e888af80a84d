package dev.virq.access;

import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * The management port, where it is not the API's: bound to the API's address unless it has one of
 * its own, and its hosts are checked.
 *
 * <p>Listed in a file of META-INF/spring and not annotated, or else the program's own context would
 * find it too. Boot then uses it for either context; in the program's own, both beans do nothing.
 */
class ManagementAccess {

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  static WebServerFactoryCustomizer<ConfigurableWebServerFactory> managementAddress(
      ServerProperties server, Environment environment) {
    return factory -> {
      if (!environment.containsProperty("management.server.address")) {
        factory.setAddress(server.getAddress());
      }
    };
  }

  @Bean
  static FilterRegistrationBean<HostFilter> managementHostFilter(
      Hosts hosts, Refusals refusals, ApplicationContext context) {
    FilterRegistrationBean<HostFilter> registration =
        new FilterRegistrationBean<>(new HostFilter(hosts, refusals));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    registration.setEnabled(context.getParent() != null);
    return registration;
  }
}
