package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareFilterTest {
  @ParameterizedTest
  @CsvSource({
    "/v1/sandboxes/a/vms, a",
    "/v1/sandboxes/a, a",
    "/v1/sandboxes/a/, a",
    "/v1/sandboxes/, ''",
    "/v1/sandboxes, ''",
    "/v1/points, ''",
  })
  void ownerIsTheSandboxThatThePathNames(String path, String owner) {
    assertThat(ShareFilter.owner(path)).isEqualTo(owner);
  }
}
