package dev.virq.api.http;

import java.util.List;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Hands the controllers what the path and the query name. */
@Configuration(proxyBeanMethods = false)
public class HttpConfiguration implements WebMvcConfigurer {
  private final List<HandlerMethodArgumentResolver> arguments;

  HttpConfiguration(SandboxArgument sandbox, QueryArgument query) {
    this.arguments = List.of(sandbox, query);
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.addAll(arguments);
  }
}
