package dev.virq.api.load;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.limits.Quota;
import dev.virq.sync.Sleep;
import dev.virq.testing.NotedPlace;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;

class ChargedRequestTest {
  private final AtomicLong clock = new AtomicLong();
  private final Quota quota = new Quota("bytes", 20_000 - RequestBytes.FREE, Errno.ENFILE, null);
  private final MockHttpServletRequest sent = new MockHttpServletRequest("POST", "/v1/x");

  private final DrainValve drain = new DrainValve(Duration.ofNanos(100), clock::get);

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
      assertThat(drain.drainInTime(sent, stream::read)).isFalse();
      return null;
    });
  }

  /** Tells no length, as a request in chunks. */
  private ChargedRequest chunked(int bytes) {
    MockHttpServletRequest chunks =
        new MockHttpServletRequest("POST", "/v1/x") {
          @Override
          public long getContentLengthLong() {
            return -1;
          }
        };
    chunks.setContent(new byte[bytes]);
    chunks.setContentType("text/plain");
    chunks.addHeader("Transfer-Encoding", "chunked");
    return new ChargedRequest(chunks, Duration.ofNanos(100), clock::get);
  }

  @Test
  void aBodyInChunksIsChargedAsItComes() throws Exception {
    within(() -> {
      var stream = chunked(1_001).getInputStream();
      assertThat(stream.readNBytes(1_000)).hasSize(1_000);
      assertThat(quota.used()).isEqualTo(20_000 - RequestBytes.FREE);
      assertErrno(Errno.ENFILE, stream::read);
      return null;
    });
    assertThat(quota.used()).isZero();
  }

  @Test
  void jsonIsChargedSixteenfold() throws Exception {
    body((int) RequestBytes.FREE / 16 + 1, "application/json");
    within(() -> {
      var _ = charged().getInputStream();
      assertThat(quota.used()).isEqualTo(16);
      return null;
    });
  }

  @Test
  void everyRequestMayTakeALittleHoweverFullTheHeapIs() throws Exception {
    quota.acquire(20_000 - RequestBytes.FREE);
    within(() -> {
      RequestBytes.charge(16_384);
      assertErrno(Errno.ENFILE, () -> RequestBytes.charge(1));
      return null;
    });
  }

  @Test
  void othersRunWhileABodyComesAndBetweenTwoReadsOfIt() throws Exception {
    NotedPlace place = new NotedPlace();
    body(2, "text/plain");
    Sleep.inPlace(place, () -> charged().getInputStream().read());
    assertThat(place.notes()).as("it is there").containsExactly("pass");

    NotedPlace waiting = new NotedPlace();
    Sleep.inPlace(waiting, () -> chunked(2).getInputStream().read());
    assertThat(waiting.notes()).containsExactly("pass", "leave", "await");
  }

  @Test
  void aBodyThatIsBrokenOffIsNotReadAgain() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    ServletInputStream broken =
        new DelegatingServletInputStream(InputStream.nullInputStream()) {
          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            var _ = reads.incrementAndGet();
            throw new IOException("broken off");
          }
        };
    MockHttpServletRequest cut =
        new MockHttpServletRequest("POST", "/v1/x") {
          @Override
          public ServletInputStream getInputStream() {
            return broken;
          }
        };
    cut.addHeader("Transfer-Encoding", "chunked");
    ChargedRequest request = new ChargedRequest(cut, Duration.ofNanos(100), clock::get);
    assertThatThrownBy(() -> request.getInputStream().read()).hasMessage("broken off");

    assertThat(drain.drainInTime(cut, request.getInputStream()::read)).isTrue();

    assertThat(reads).hasValue(1);
  }
}
