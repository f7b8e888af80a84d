package dev.virq.api.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v1", "//v1/", "/v1/a.b/...", "/%41%c3%a9+", "/v1/~-_:@!$&'()*,="})
  void pathsThatAreText(String path) {
    assertThat(RequestTarget.pathFault(path)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/%ff,not well-formed",
    "/v1/%c0%af,not well-formed",
    "/v1/%ed%a0%80,not well-formed",
    "/v1/a%e2%82/b,ends within a character",
    "/v1/%0,percent-encoding",
    "/v1/%zz,percent-encoding",
    "/v1/%+1,percent-encoding",
    "/v1/%00,U+0000",
    "/v1/%7f,U+007F",
    "/v1/%c2%85,U+0085",
    "/v1/a%2fb,slash",
    "/v1/a%5Cb,slash",
    "/v1/a;b=c,parameters",
    "/v1/..,dot segment",
    "/./v1,dot segment",
    "/%2E%2e/v1,dot segment",
  })
  void pathsThatAreNot(String path, String named) {
    assertThat(RequestTarget.pathFault(path)).contains(named);
  }

  @Test
  void longSegmentIsShownShort() {
    assertThat(RequestTarget.pathFault("/" + "a".repeat(5000) + "%ff")).hasSizeLessThan(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a=b&c=d", "a=%c3%a9+%2B", "&&=", "a=b;c", "a=../%2f"})
  void queriesThatAreText(String query) {
    assertThat(RequestTarget.queryFault(query)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "a=%ff,not well-formed",
    "%ff=a,not well-formed",
    "a=b&c=%c0%80,not well-formed",
    "a=%e2%82&b=%ac,ends within a character",
    "a=%,percent-encoding",
    "a=%0,percent-encoding",
    "a=%00,U+0000",
    "a=b%0ac,U+000A",
  })
  void queriesThatAreNot(String query, String named) {
    assertThat(RequestTarget.queryFault(query)).contains(named);
  }

  @Test
  void decodesWhatItAccepts() {
    assertThat(RequestTarget.text("a%2b%C3%A9+b")).isEqualTo("a+é b");
  }
}
