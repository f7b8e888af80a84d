package dev.virq.api.input;

import dev.virq.api.http.Instance;
import dev.virq.api.json.StrictJson;
import org.apache.catalina.core.StandardHost;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.jackson.autoconfigure.JsonFactoryBuilderCustomizer;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.json.JsonMapper;

/** Puts the strict checks in front of the controllers. */
@Configuration(proxyBeanMethods = false)
class InputConfiguration implements WebMvcConfigurer {
  private static final int BUFFERS = 8;

  private final StrictRequests strictRequests;

  InputConfiguration(StrictRequests strictRequests) {
    this.strictRequests = strictRequests;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(strictRequests);
  }

  @Bean
  static JsonMapperBuilderCustomizer strictJson() {
    return new StrictJson();
  }

  /** Jackson keeps all buffers that were ever in use at once, of 150 kB after a long name. */
  @Bean
  static JsonFactoryBuilderCustomizer boundedBuffers() {
    return factory -> factory.recyclerPool(JsonRecyclerPools.newBoundedPool(BUFFERS));
  }

  @Bean
  static WebServerFactoryCustomizer<TomcatServletWebServerFactory> problems(
      Instance instance, JsonMapper json, ListableBeanFactory beans) {
    return new ProblemCustomizer(instance, json, beans);
  }

  /** Errors of the connector itself take the form of all others. */
  static final class ProblemCustomizer
      implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {
    private final Instance instance;
    private final JsonMapper json;
    private final ListableBeanFactory beans;

    ProblemCustomizer(Instance instance, JsonMapper json, ListableBeanFactory beans) {
      this.instance = instance;
      this.json = json;
      this.beans = beans;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
      factory.addContextCustomizers(context -> {
        if (context.getParent() instanceof StandardHost host) {
          // Tomcat would add its own, which writes HTML.
          host.setErrorReportValveClass(null);
          host.getPipeline().addValve(new ProblemValve(instance, json, new AllowedMethods(beans)));
        }
        // A management port of its own comes with one, which writes a form of its own.
        for (ErrorPage page : context.findErrorPages()) {
          context.removeErrorPage(page);
        }
      });
    }

    @Override
    public int getOrder() {
      return Ordered.LOWEST_PRECEDENCE;
    }
  }
}
