package dev.virq.api.load;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.limits.Quota;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class ChargedRequestTest {
  private final AtomicLong clock = new AtomicLong();
  private final Quota quota = new Quota("bytes", 20_000 - RequestBytes.FREE, Errno.ENFILE, null);
  private final MockHttpServletRequest sent = new MockHttpServletRequest("POST", "/v1/x");

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
      ChargedRequest request = charged();
      var stream = request.getInputStream();
      clock.set(101);
      assertErrno(Errno.ETIMEDOUT, stream::read);
      assertThat(request.drainInTime()).isFalse();
      return null;
    });
  }

  @Test
  void whatNobodyReadIsDrained() throws Exception {
    body(40, "application/json");

    assertThat(charged().drainInTime()).isTrue();

    assertThat(sent.getInputStream().readAllBytes()).isEmpty();
  }
}
