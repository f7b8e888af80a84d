package dev.virq.api.http;

import java.util.List;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Puts the strict checks in front of the controllers, and hands them what the path names. */
@Configuration(proxyBeanMethods = false)
public class HttpConfiguration implements WebMvcConfigurer {
  private final StrictRequests strictRequests;
  private final List<HandlerMethodArgumentResolver> arguments;

  HttpConfiguration(StrictRequests strictRequests, SandboxArgument sandbox, QueryArgument query) {
    this.strictRequests = strictRequests;
    this.arguments = List.of(sandbox, query);
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.addAll(arguments);
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(strictRequests);
  }

  /** Errors of the connector itself take the form of all others. */
  @Bean
  static WebServerFactoryCustomizer<TomcatServletWebServerFactory> problems(
      Instance instance, JsonMapper json) {
    return factory ->
        factory.addContextCustomizers(context -> {
          if (context.getParent() instanceof StandardHost host) {
            // Tomcat would add its own, which writes HTML.
            host.setErrorReportValveClass(null);
            host.getPipeline().addValve(new ProblemValve(instance, json));
          }
        });
  }

  @Bean
  static JsonMapperBuilderCustomizer strictJson() {
    return new StrictJson();
  }
}
