package dev.virq.config;

import dev.virq.access.AccessSettings;
import dev.virq.api.http.Addresses;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Once it serves, tells a line each where page, API and metrics are, and for whom. */
@Component
final class Whereabouts {
  private static final Logger LOG = LoggerFactory.getLogger(Whereabouts.class);

  private final AccessSettings access;

  Whereabouts(AccessSettings access) {
    this.access = access;
  }

  @EventListener
  void tell(ApplicationReadyEvent ready) {
    lines(ready.getApplicationContext().getEnvironment(), access.asksForToken()).forEach(LOG::info);
  }

  /** The lines, with the ports that were taken. */
  static List<String> lines(Environment environment, boolean asksForToken) {
    List<String> lines = new ArrayList<>();
    String address = environment.getProperty("server.address");
    String api = Addresses.api(environment, Addresses.host(address));
    if (api == null) {
      return lines;
    }
    lines.add("page at " + api + "/");
    if (Addresses.hasUi(environment)) {
      lines.add("UI at " + api + "/swagger-ui/index.html");
    }
    lines.add(
        "API at %s/v1, for %s, %s a token"
            .formatted(api, reachedBy(address), asksForToken ? "with" : "without"));
    String management =
        Addresses.management(
            environment,
            api,
            Addresses.host(
                environment.getProperty("management.server.address", Addresses.host(address))));
    if (management != null) {
      lines.add("metrics at " + management + "/prometheus");
    }
    return lines;
  }

  private static String reachedBy(@Nullable String address) {
    if (address == null || Addresses.isEvery(address)) {
      return "every address of this machine";
    }
    return address.equals("127.0.0.1") || address.equals("::1") || address.equals("localhost")
        ? "this machine only"
        : "that address only";
  }
}
