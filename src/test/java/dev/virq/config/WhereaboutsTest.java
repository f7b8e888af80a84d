package dev.virq.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

/** What a start tells of where it serves. */
class WhereaboutsTest {
  private final MockEnvironment environment = new MockEnvironment();

  @Test
  void managementOnTheSamePortSharesTheAddress() {
    environment.setProperty("local.server.port", "8080");
    environment.setProperty("server.address", "127.0.0.1");
    environment.setProperty("local.management.port", "8080");

    assertThat(Whereabouts.lines(environment, false))
        .containsExactly(
            "page at http://127.0.0.1:8080/",
            "UI at http://127.0.0.1:8080/swagger-ui/index.html",
            "API at http://127.0.0.1:8080/v1, for this machine only, without a token",
            "metrics at http://127.0.0.1:8080/actuator/prometheus");
  }

  @Test
  void addressesPortsAndEncryptionAreEachServersOwn() {
    environment.setProperty("local.server.port", "8443");
    environment.setProperty("server.address", "::1");
    environment.setProperty("server.ssl.bundle", "web");
    environment.setProperty("local.management.port", "9000");
    environment.setProperty("management.server.address", "0.0.0.0");

    assertThat(Whereabouts.lines(environment, true))
        .containsExactly(
            "page at https://[::1]:8443/",
            "UI at https://[::1]:8443/swagger-ui/index.html",
            "API at https://[::1]:8443/v1, for this machine only, with a token",
            "metrics at http://127.0.0.1:9000/actuator/prometheus");
  }

  @Test
  void whatIsNotThereIsNotTold() {
    environment.setProperty("local.server.port", "8080");
    environment.setProperty("springdoc.swagger-ui.enabled", "false");

    assertThat(Whereabouts.lines(environment, false))
        .containsExactly(
            "page at http://127.0.0.1:8080/",
            "API at http://127.0.0.1:8080/v1, for every address of this machine, without a token");
  }
}
