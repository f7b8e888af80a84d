package dev.virq.api.direct;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class PlainSignalTest {
  private static final String PATH = "/v1/sandboxes/rig/eventfds/3/signal";

  static final List<Arguments> OTHERS =
      List.of(
          other("a type that is another", request -> request.setContentType("text/plain")),
          other("a charset", request -> request.setContentType("application/json;charset=latin1")),
          other("another answer", request -> request.addHeader("Accept", "text/html")),
          other("a weighted answer", request -> request.addHeader("Accept", "*/*;q=0.1")),
          other("a body in chunks", request -> request.addHeader("Transfer-Encoding", "chunked")),
          other("a client that asks first", request -> request.addHeader("Expect", "100-continue")),
          other("a sandbox twice", request -> request.addHeader("Sandbox", "rig")),
          other("a long body", request -> request.setContent(new byte[65])),
          other("another method", request -> request.setMethod("GET")));

  private static Arguments other(String what, Consumer<MockHttpServletRequest> change) {
    return Arguments.argumentSet(what, change);
  }

  private static MockHttpServletRequest signal(String path) {
    return new MockHttpServletRequest("POST", path);
  }

  @Test
  void withoutAnythingItIsWrittenOnly() {
    PlainSignal plain = PlainSignal.of(signal(PATH));

    assertThat(plain).isNotNull();
    assertThat(plain.sandbox()).isEqualTo("rig");
    assertThat(plain.eventfd()).isEqualTo("3");
    assertThat(plain.hasBody()).isFalse();
    assertThat(plain.waiting().until()).isNull();
    assertThat(plain.waiting().timeout()).isNull();
  }

  @Test
  void shortBodyIsTaken() {
    MockHttpServletRequest request = signal(PATH);
    request.setContentType("application/json");
    request.addHeader("Accept", "application/json, text/plain, */*");
    request.setContent("{\"value\":\"2\"}".getBytes(StandardCharsets.UTF_8));

    assertThat(PlainSignal.of(request)).extracting(PlainSignal::hasBody).isEqualTo(true);
  }

  @ParameterizedTest
  @CsvSource({
    "wait=settled, settled,",
    "wait=none, none,",
    "timeout=PT1S, , PT1S",
    "wait=settled&timeout=PT0.5S, settled, PT0.5S",
  })
  void queryIsTakenAsItStands(String query, String until, String timeout) {
    MockHttpServletRequest request = signal(PATH);
    request.setQueryString(query);

    PlainSignal plain = PlainSignal.of(request);

    assertThat(plain).isNotNull();
    assertThat(plain.waiting().until()).isEqualTo(until);
    assertThat(plain.waiting().timeout()).isEqualTo(timeout);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "wait",
        "wait=",
        "wait=settled&wait=settled",
        "timeout=PT1S&wait=settled",
        "wait=sett%6ced",
        "other=1",
        "wait=settled&",
      })
  void otherQueryIsAnotherRequest(String query) {
    MockHttpServletRequest request = signal(PATH);
    request.setQueryString(query);

    assertThat(PlainSignal.of(request)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/sandboxes/rig/eventfds/3/signals",
        "/v1/sandboxes/rig/eventfds/3/signal/",
        "/v1/sandboxes/rig//eventfds/3/signal",
        "/v1/sandboxes/rig;a=b/eventfds/3/signal",
        "/v1/sandboxes/r%69g/eventfds/3/signal",
        "/v1/sandboxes/rig/eventfds/3;a/signal",
        "/v1/sandboxes/rig/eventfds/../signal",
        "/v1/sandboxes/RIG/eventfds/3/signal",
        "/prefix/v1/sandboxes/rig/eventfds/3/signal",
      })
  void otherPathIsAnotherRequest(String path) {
    assertThat(PlainSignal.of(signal(path))).isNull();
  }

  @ParameterizedTest
  @FieldSource("OTHERS")
  void whateverElseThereIsMakesItAnotherRequest(Consumer<MockHttpServletRequest> change) {
    MockHttpServletRequest request = signal(PATH);
    change.accept(request);

    assertThat(PlainSignal.of(request)).isNull();
  }
}
