package dev.virq.api.http;

import java.util.List;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Hands the controllers what the path and the query name, and writes what they answer. */
@Configuration(proxyBeanMethods = false)
public class HttpConfiguration implements WebMvcConfigurer {
  private final List<HandlerMethodArgumentResolver> arguments;

  private final JsonMapper json;

  HttpConfiguration(SandboxArgument sandbox, QueryArgument query, JsonMapper json) {
    this.json = json;
    this.arguments = List.of(sandbox, query);
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.addAll(arguments);
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    var _ = converters.withJsonConverter(new LineJsonConverter(json));
  }
}
