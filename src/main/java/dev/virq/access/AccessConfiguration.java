package dev.virq.access;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.nio.file.Path;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Puts the checks in front of everything but the filters that give requests their ids and refuse
 * what is no text: first for whom a browser speaks, then who calls.
 *
 * <p>Whether there are tokens is asked when the program starts, not when its beans are laid down:
 * in the image that is at build time.
 */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {
  private static final int FIRST = Ordered.HIGHEST_PRECEDENCE + 10;

  @Bean
  static Refusals refusals(
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver resolver) {
    return new Refusals(resolver);
  }

  @Bean
  static Hosts hosts(AccessSettings settings) {
    return checked("virq.access.hosts", settings.hosts(), Hosts::new);
  }

  @Bean
  static FilterRegistrationBean<HostFilter> hostFilter(Hosts hosts, Refusals refusals) {
    return inOrder(new HostFilter(hosts, refusals), FIRST);
  }

  @Bean
  static FilterRegistrationBean<OriginFilter> originFilter(
      CorsSettings settings, Refusals refusals) {
    Origins origins = checked("virq.cors.allowed-origins", settings.allowedOrigins(), Origins::new);
    return inOrder(new OriginFilter(origins, refusals), FIRST + 1);
  }

  @Bean
  static BearerTokens bearerTokens(AccessSettings settings) {
    // The setting is not shown when it is wrong, as it would be by the exception for the others.
    Tokens fixed = settings.token().isEmpty() ? null : fixed(settings.token());
    TokensFile file =
        settings.tokensFile().isEmpty()
            ? null
            : checked(
                "virq.access.tokens-file",
                settings.tokensFile(),
                path -> new TokensFile(Path.of(path), System::nanoTime));
    return new BearerTokens(fixed, file);
  }

  private static Tokens fixed(String token) {
    try {
      return Tokens.of(token);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("virq.access.token: " + e.getMessage(), e);
    }
  }

  @Bean
  static FilterRegistrationBean<Filter> tokenFilter(BearerTokens tokens, Refusals refusals) {
    FilterRegistrationBean<Filter> registration =
        inOrder(tokens.areSet() ? TokenFilters.chain(tokens, refusals) : new Absent(), FIRST + 2);
    registration.setEnabled(tokens.areSet());
    return registration;
  }

  /** Stands where no filter is; it is never called. */
  private static final class Absent implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {
      throw new IllegalStateException("a filter that is switched off was called");
    }
  }

  private static <T extends Filter> FilterRegistrationBean<T> inOrder(T filter, int order) {
    FilterRegistrationBean<T> registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(order);
    return registration;
  }

  /** The start ends with the setting, its value, and what is wrong with it. */
  private static <V, R> R checked(String setting, V value, Function<V, R> reading) {
    try {
      return reading.apply(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationPropertyValueException(
          setting, value, String.valueOf(e.getMessage()));
    }
  }
}
