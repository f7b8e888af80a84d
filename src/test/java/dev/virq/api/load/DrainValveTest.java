package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class DrainValveTest {
  private final AtomicLong clock = new AtomicLong();
  private final DrainValve valve = new DrainValve(Duration.ofNanos(100), clock::get);

  /** A body of which a byte comes at a time, and takes a while. */
  private final class Slow implements DrainValve.Piece {
    private final long nanosEach;
    private int left;

    Slow(int bytes, long nanosEach) {
      this.left = bytes;
      this.nanosEach = nanosEach;
    }

    @Override
    public int read() {
      clock.addAndGet(nanosEach);
      if (left == 0) {
        return -1;
      }
      left--;
      return 1;
    }
  }

  private static MockHttpServletRequest chunked() {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/nothing");
    request.addHeader("Transfer-Encoding", "chunked");
    return request;
  }

  @Test
  void whatNobodyReadIsDrained() {
    Slow body = new Slow(40, 1);

    assertThat(valve.drainInTime(chunked(), body)).isTrue();

    assertThat(body.left).isZero();
  }

  @Test
  void whatComesTooSlowlyIsNot() {
    assertThat(valve.drainInTime(chunked(), new Slow(40, 10))).isFalse();
  }

  @Test
  void clientThatAskedFirstIsNoExcuse() {
    MockHttpServletRequest request = chunked();
    request.addHeader("Expect", "100-continue");

    assertThat(valve.drainInTime(request, new Slow(40, 10))).isFalse();
  }

  @Test
  void whatDoesNotComeForTheConnectorsOwnTimeIsNotWaitedForAgain() {
    assertThat(
            valve.drainInTime(
                chunked(),
                () -> {
                  throw new SocketTimeoutException("planted");
                }))
        .isFalse();
  }
}
