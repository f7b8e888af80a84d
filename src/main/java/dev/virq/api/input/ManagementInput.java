package dev.virq.api.input;

import dev.virq.api.http.Instance;
import dev.virq.api.http.RequestContextFilter;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/**
 * The same checks and the same errors on a management port of its own, whose context sees no filter
 * and no customizer of the other. Named in {@code ManagementContextConfiguration.imports}, and no
 * {@code @Configuration}, so that it is not found in both.
 */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementInput {

  @Bean
  static RequestContextFilter managementRequestContext(Instance instance) {
    return new RequestContextFilter(instance);
  }

  @Bean
  static InputFilter managementInputFilter(Instance instance) {
    return new InputFilter(instance);
  }

  @Bean
  static OptionsFilter managementOptionsFilter(ListableBeanFactory beans) {
    return new OptionsFilter(beans);
  }

  @Bean
  static WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementProblems(
      Instance instance, JsonMapper json, ListableBeanFactory beans) {
    return new InputConfiguration.ProblemCustomizer(instance, json, beans);
  }
}
