package dev.virq.client.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.virq.client.Sandbox;
import dev.virq.client.Wait;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

/** The container as far as it goes without an engine, and with one that has the image. */
class VirqContainerTest {
  private static final String IMAGE = "virq:0.1.0-SNAPSHOT";

  @Test
  void exposesApiAndHealth() {
    try (VirqContainer container = new VirqContainer(IMAGE)) {
      assertThat(container.getExposedPorts()).containsExactly(8080, 8081);
      assertThat(container.getImage().toString()).contains(IMAGE);
    }
  }

  @Test
  void tokenIsAskedFor() {
    String token = "a-token-that-is-long-enough";
    try (VirqContainer container = new VirqContainer(IMAGE).withToken(token)) {
      assertThat(container.getEnvMap()).containsEntry("VIRQ_ACCESS_TOKEN", token);
    }
  }

  @Test
  void answersFromAContainer() {
    String engine = System.getProperty("virq.container", "");
    assumeTrue(!engine.isEmpty(), "-Dvirq.container=IMAGE runs it, where there is an engine");
    assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker engine");
    try (VirqContainer container = new VirqContainer(engine)) {
      container.start();
      try (Sandbox sandbox = container.client().sandbox("container")) {
        var vm = sandbox.createVm();
        var eventfd = sandbox.createEventfd();
        vm.assign(eventfd, 5);
        assertThat(eventfd.signal(Wait.SETTLED).outcome()).isEqualTo("INJECTED");
        eventfd.close();
        vm.close();
      }
    }
  }
}
