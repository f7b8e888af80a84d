package dev.virq.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Once it serves, tells a line each where user interface, API and metrics are. */
@Component
final class Whereabouts {
  private static final Logger LOG = LoggerFactory.getLogger(Whereabouts.class);

  @EventListener
  void tell(ApplicationReadyEvent ready) {
    lines(ready.getApplicationContext().getEnvironment()).forEach(LOG::info);
  }

  /** The lines, with the ports that were taken. */
  static List<String> lines(Environment environment) {
    List<String> lines = new ArrayList<>();
    String port = environment.getProperty("local.server.port");
    if (port == null) {
      return lines;
    }
    String api = origin(environment, "server", port);
    if (environment.getProperty("springdoc.swagger-ui.enabled", Boolean.class, true)) {
      lines.add("UI at " + api + "/swagger-ui/index.html");
    }
    lines.add("API at " + api + "/v1");
    // Absent when management has no server at all; the API's when it has none of its own.
    String management = environment.getProperty("local.management.port");
    if (management != null) {
      boolean own = !management.equals(port);
      lines.add(
          "metrics at %s%s/prometheus"
              .formatted(
                  own ? origin(environment, "management.server", management) : api,
                  environment.getProperty("management.endpoints.web.base-path", "/actuator")));
    }
    return lines;
  }

  private static String origin(Environment environment, String prefix, String port) {
    boolean encrypted =
        environment.getProperty(prefix + ".ssl.enabled", Boolean.class, true)
            && (environment.containsProperty(prefix + ".ssl.bundle")
                || environment.containsProperty(prefix + ".ssl.key-store")
                || environment.containsProperty(prefix + ".ssl.certificate"));
    return "%s://%s:%s"
        .formatted(
            encrypted ? "https" : "http", host(environment.getProperty(prefix + ".address")), port);
  }

  /**
   * An address that a browser on this machine can open: what serves everywhere serves here, too.
   */
  private static String host(@Nullable String address) {
    if (address == null || address.isEmpty() || address.equals("0.0.0.0") || address.equals("::")) {
      return "127.0.0.1";
    }
    return address.contains(":") ? "[" + address + "]" : address;
  }
}
