package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;

class DrainValveTest {
  private final AtomicLong clock = new AtomicLong();
  private final DrainValve valve = new DrainValve(Duration.ofNanos(100), clock::get);

  /** A body of which a byte comes at a time, and takes a while. */
  private MockHttpServletRequest slow(int bytes, long nanosEach) {
    ServletInputStream body =
        new DelegatingServletInputStream(new ByteArrayInputStream(new byte[bytes])) {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            clock.addAndGet(nanosEach);
            return super.read(into, offset, 1);
          }
        };
    MockHttpServletRequest request =
        new MockHttpServletRequest("POST", "/nothing") {
          @Override
          public ServletInputStream getInputStream() {
            return body;
          }
        };
    request.addHeader("Transfer-Encoding", "chunked");
    return request;
  }

  @Test
  void whatNobodyReadIsDrained() throws IOException {
    MockHttpServletRequest request = slow(40, 1);

    assertThat(valve.drainInTime(request)).isTrue();

    assertThat(request.getInputStream().readAllBytes()).isEmpty();
  }

  @Test
  void whatComesTooSlowlyIsNot() throws IOException {
    assertThat(valve.drainInTime(slow(40, 10))).isFalse();
  }

  @Test
  void clientThatAsksFirstHasSentNothing() throws IOException {
    MockHttpServletRequest request = slow(40, 10);
    request.addHeader("Expect", "100-continue");

    assertThat(valve.drainInTime(request)).isTrue();
  }
}
