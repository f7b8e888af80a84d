package dev.virq.api.input;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SurrogatesTest {
  private static boolean takes(String json) {
    Surrogates escapes = new Surrogates();
    for (byte next : json.getBytes(US_ASCII)) {
      if (!escapes.accepts(next)) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"b\"}",
        "\"\\ud83d\\ude00\"",
        "\"\\uDBFF\\uDFFF\\uD800\\uDC00\"",
        "\"\\u0041\\n\\\\ud800\"",
        "\"\\\\\\\"\\u007f\"",
        "\"\\uzzzz\"",
      })
  void takesPairsAndWhatIsNoEscape(String json) {
    assertThat(takes(json)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"\\ud800\":1}",
        "\"\\ud800\"",
        "\"\\ud800b\"",
        "\"\\ud800\\n\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud83d\\ude00\\ude00\"",
        "\"\\\\\\ud800\"",
        "\"\\ud800\\ux\"",
      })
  void refusesHalves(String json) {
    assertThat(takes(json)).isFalse();
  }
}
