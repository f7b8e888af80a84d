package dev.virq.api.http;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Where the servers of this program are reached. */
public final class Addresses {
  private static final String SERVER = "server";
  private static final String MANAGEMENT = "management.server";

  private Addresses() {}

  /**
   * Scheme, host and port of the API; null when there is no server.
   *
   * @param host as the caller names it
   */
  public static @Nullable String api(Environment environment, String host) {
    String port = environment.getProperty("local.server.port");
    return port == null ? null : origin(environment, SERVER, host, port);
  }

  /**
   * Where health and metrics are: below a path of the API's server, or on a server of their own;
   * null when they have none.
   *
   * @param api what stands before the path on the API's server
   * @param host as the caller names it
   */
  public static @Nullable String management(Environment environment, String api, String host) {
    String port = environment.getProperty("local.management.port");
    if (port == null) {
      return null;
    }
    boolean shared = port.equals(environment.getProperty("local.server.port"));
    return (shared ? api : origin(environment, MANAGEMENT, host, port))
        + environment.getProperty("management.endpoints.web.base-path", "/actuator");
  }

  /** Whether there is a page to try the calls on. */
  public static boolean hasUi(Environment environment) {
    return environment.getProperty("springdoc.swagger-ui.enabled", Boolean.class, true);
  }

  /** Whether who listens there does so on every address of the machine. */
  public static boolean isEvery(String address) {
    return address.isEmpty() || address.equals("0.0.0.0") || address.equals("::");
  }

  /**
   * The host that one on this machine calls who listens at an address, as in a URL: what serves
   * everywhere serves here, too.
   */
  public static String host(@Nullable String address) {
    if (address == null || isEvery(address)) {
      return "127.0.0.1";
    }
    return address.contains(":") && !address.startsWith("[") ? "[" + address + "]" : address;
  }

  private static String origin(Environment environment, String prefix, String host, String port) {
    boolean encrypted =
        environment.getProperty(prefix + ".ssl.enabled", Boolean.class, true)
            && (environment.containsProperty(prefix + ".ssl.bundle")
                || environment.containsProperty(prefix + ".ssl.key-store")
                || environment.containsProperty(prefix + ".ssl.certificate"));
    return "%s://%s:%s".formatted(encrypted ? "https" : "http", host, port);
  }
}
