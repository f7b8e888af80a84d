package dev.virq.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and origins that cannot be meant are refused when the program starts. */
class NamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://virq.example",
        "virq.example:8080",
        "virq.*",
        "*x.example",
        "a b",
        "-"
      })
  void whatIsNoHostIsRefused(String name) {
    assertThatThrownBy(() -> new Hosts(List.of("virq.example", name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + name + "\" is no host");
  }

  @Test
  void starIsEveryHost() {
    assertThat(new Hosts(List.of("*")).answers("evil.example")).isTrue();
    assertThat(new Hosts(List.of()).answers("evil.example")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "lab.example",
        "https://lab.example/",
        "https://lab.example/path",
        "https://user@lab.example",
        "https://lab.example?x",
        "https://",
        "https://*.lab.example",
        "https://lab example"
      })
  void whatIsNoOriginIsRefused(String origin) {
    assertThatThrownBy(() -> new Origins(List.of("https://lab.example:8443", origin)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + origin + "\" is no origin");
  }

  @Test
  void starIsEveryOrigin() {
    assertThat(new Origins(List.of("*")).isAllowed("https://evil.example")).isTrue();
    assertThat(new Origins(List.of()).isAllowed("https://evil.example")).isFalse();
    assertThat(new Origins(List.of("*")).isAllowed(null)).isFalse();
  }
}
