package dev.virq.api.load;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.limits.Quota;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;

class ChargedRequestTest {
  private final AtomicLong clock = new AtomicLong();
  private final Quota quota = new Quota("bytes", 20_000 - RequestBytes.FREE, Errno.ENFILE, null);
  private final MockHttpServletRequest sent = new MockHttpServletRequest("POST", "/v1/x");

  private final DrainValve drain = new DrainValve(Duration.ofNanos(100), clock::get);
  private int reads;

  private ChargedRequest charged() {
    return new ChargedRequest(sent, Duration.ofNanos(100), clock::get);
  }

  private void body(int bytes, String type) {
    sent.setContent(new byte[bytes]);
    sent.setContentType(type);
  }

  private void within(ScopedValue.CallableOp<Void, Exception> body) throws Exception {
    try (RequestBytes taken = new RequestBytes(quota)) {
      var _ = ScopedValue.where(RequestBytes.CURRENT, taken).call(body);
    }
  }

  @Test
  void aBodyIsChargedBeforeItIsReadAndGivenBack() throws Exception {
    body(1_000, "text/plain");
    within(() -> {
      ChargedRequest request = charged();
      var _ = request.getInputStream();
      assertThat(quota.used()).isEqualTo(20_000 - RequestBytes.FREE);
      assertThat(request.getInputStream().readAllBytes()).hasSize(1_000);
      assertThat(quota.used()).isEqualTo(20_000 - RequestBytes.FREE);
      return null;
    });

    assertThat(quota.used()).isZero();
  }

  @Test
  void aBodyThatDoesNotFitIsRefusedUnread() throws Exception {
    body(1_001, "text/plain;charset=UTF-8");
    within(() -> {
      assertErrno(Errno.ENFILE, () -> charged().getInputStream());
      return null;
    });
    assertThat(sent.getInputStream().readAllBytes()).hasSize(1_001);
  }

  @Test
  void aBodyThatArrivesTooLateIsRefusedAndNotDrained() throws Exception {
    body(40, "application/json");
    sent.addHeader("Transfer-Encoding", "chunked");
    within(() -> {
      var stream = charged().getInputStream();
      clock.set(101);
      assertErrno(Errno.ETIMEDOUT, stream::read);
      assertThat(drain.drainInTime(sent)).isFalse();
      return null;
    });
  }

  @Test
  void aBodyThatIsBrokenIsNotReadAgain() throws Exception {
    MockHttpServletRequest broken =
        new MockHttpServletRequest("POST", "/v1/x") {
          @Override
          public ServletInputStream getInputStream() {
            reads++;
            return new DelegatingServletInputStream(
                new InputStream() {
                  @Override
                  public int read() throws IOException {
                    throw new IOException("no chunk");
                  }
                });
          }
        };
    broken.addHeader("Transfer-Encoding", "chunked");
    ChargedRequest request = new ChargedRequest(broken, Duration.ofNanos(100), clock::get);
    assertThatThrownBy(() -> request.getInputStream().read()).hasMessage("no chunk");

    assertThat(drain.drainInTime(broken)).isTrue();

    assertThat(reads).isEqualTo(1);
  }
}
