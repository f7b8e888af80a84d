package dev.virq.api;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * A servlet that does nothing in a Spring Boot with its own settings: Tomcat, and neither Spring
 * MVC nor a filter.
 */
final class PlainServer {
  static final String PATH = "/empty";

  private ConfigurableApplicationContext context;

  /** No {@code @Configuration}: virq's own search for components would find it. */
  @ImportAutoConfiguration(TomcatServletWebServerAutoConfiguration.class)
  static class Plain {
    @Bean
    ServletRegistrationBean<HttpServlet> empty() {
      return new ServletRegistrationBean<>(new Empty(), PATH);
    }
  }

  private static final class Empty extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) {
      response.setContentLength(0);
    }
  }

  /**
   * Starts it. Its settings are not those of virq, which are on the class path as well; but it must
   * not close a connection after 100 requests either.
   */
  void start() {
    context =
        new SpringApplication(Plain.class)
            .run(
                "--spring.config.name=plain",
                "--spring.main.banner-mode=off",
                "--server.address=127.0.0.1",
                "--server.tomcat.max-keep-alive-requests=-1",
                "--server.port=0");
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  void stop() {
    context.close();
  }
}
