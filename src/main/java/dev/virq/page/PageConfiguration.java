package dev.virq.page;

import java.util.List;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.security.web.header.writers.ContentSecurityPolicyHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.XContentTypeOptionsHeaderWriter;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Serves the page's files, and nothing else, below {@code /ui/}. */
@Configuration(proxyBeanMethods = false)
class PageConfiguration implements WebMvcConfigurer {
  /**
   * The page loads its own files and calls its own server. Whatever else should get into it, by a
   * name that a client gave to an object or by a link, can neither run nor send anything away.
   */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    // All files of all builds have the same date, by which no browser could tell two versions
    // apart. They are not stored either, as no answer is.
    var _ =
        registry
            .addResourceHandler("/ui/**")
            .addResourceLocations("classpath:/page/")
            .setUseLastModified(false);
  }

  @Bean
  static FilterRegistrationBean<HeaderWriterFilter> pageHeaders() {
    FilterRegistrationBean<HeaderWriterFilter> registration =
        new FilterRegistrationBean<>(
            new HeaderWriterFilter(
                List.of(
                    new ContentSecurityPolicyHeaderWriter(POLICY),
                    new ReferrerPolicyHeaderWriter(ReferrerPolicy.NO_REFERRER),
                    new XContentTypeOptionsHeaderWriter())));
    registration.addUrlPatterns("/ui/*");
    // In front of those that refuse a request, whose answers a browser shows as well.
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return registration;
  }
}
