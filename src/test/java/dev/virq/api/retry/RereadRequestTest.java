package dev.virq.api.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** Bodies are read as a whole, whatever is said of their length. */
class RereadRequestTest {
  private static final String CUT_OFF = "a character is cut off at the end";

  @Test
  void aSmallBodyIsReadAsFarAsItsEnd() {
    // There its checks are made, such as that of the last character.
    assertThatThrownBy(() -> new RereadRequest(request("{}", 2, true))).hasMessage(CUT_OFF);
    assertThatThrownBy(() -> new RereadRequest(request("", 0, true))).hasMessage(CUT_OFF);
  }

  @Test
  void bodiesOfAnyLengthAreWhole() throws IOException {
    for (int length : new int[] {0, 1, 8_192, 8_193, 100_000}) {
      String text = "x".repeat(length);
      for (int said : new int[] {length, -1}) {
        RereadRequest read = new RereadRequest(request(text, said, false));

        assertThat(new String(read.body(), StandardCharsets.US_ASCII)).isEqualTo(text);
        assertThat(read.getInputStream().readAllBytes()).isEqualTo(read.body());
      }
    }
  }

  @Test
  void aBodyThatIsLongerThanWasSaidIsNotCut() {
    assertThatThrownBy(() -> new RereadRequest(request("{} ", 2, false)))
        .hasMessageContaining("longer than its Content-Length, 2");
  }

  @SuppressWarnings("InputStreamSlowMultibyteRead") // a few bytes
  private static MockHttpServletRequest request(String body, long length, boolean checked) {
    ByteArrayInputStream bytes = new ByteArrayInputStream(body.getBytes(StandardCharsets.US_ASCII));
    ServletInputStream in =
        new ServletInputStream() {
          @Override
          public int read() throws IOException {
            int one = bytes.read();
            if (one < 0 && checked) {
              throw new IOException(CUT_OFF);
            }
            return one;
          }

          @Override
          public boolean isFinished() {
            return bytes.available() == 0;
          }

          @Override
          public boolean isReady() {
            return true;
          }

          @Override
          public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("not asynchronous");
          }
        };
    return new MockHttpServletRequest("POST", "/") {
      @Override
      public ServletInputStream getInputStream() {
        return in;
      }

      @Override
      public long getContentLengthLong() {
        return length;
      }
    };
  }
}
