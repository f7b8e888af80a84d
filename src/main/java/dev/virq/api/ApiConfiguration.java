package dev.virq.api;

import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Puts the strict checks in front of the controllers. */
@Configuration(proxyBeanMethods = false)
public class ApiConfiguration implements WebMvcConfigurer {
  private final StrictRequests strictRequests;

  ApiConfiguration(StrictRequests strictRequests) {
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
}
