package dev.virq.api.load;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;

/**
 * Reads what is left of a body, whoever answered and however, so that an answer that came before
 * reaches the client. Tomcat does so too, for as long as the client likes.
 *
 * <p>Outside of all else: whatever the call had is given back by then.
 */
final class DrainValve extends ValveBase {
  private static final String NOT_WORTH_READING = DrainValve.class.getName();

  /** As server.tomcat.max-swallow-size. */
  private static final long MOST_DRAINED = 64L << 20;

  private final Duration deadline;
  private final LongSupplier nanoClock;

  /**
   * For one connector.
   *
   * @param deadline how long the rest of a body may take
   */
  DrainValve(Duration deadline, LongSupplier nanoClock) {
    super(true);
    this.deadline = deadline;
    this.nanoClock = nanoClock;
  }

  /** The body took too long already: the connection is closed without waiting for its rest. */
  static void tooLate(ServletRequest request) {
    request.setAttribute(NOT_WORTH_READING, false);
  }

  /**
   * The body is broken off, or is no chunks: nothing is read of it any more. Another read would
   * find another fault, which the connector would tell instead.
   */
  static void broken(ServletRequest request) {
    request.setAttribute(NOT_WORTH_READING, true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    getNext().invoke(request, response);
    if (isSent(request) && !request.isAsync()) {
      // First: where the rest cannot be read, the connector puts an answer of its own in the place
      // of one that is not sent.
      response.finishResponse();
    }
    if (request.getHeader(HttpHeaders.EXPECT) != null
        && !HttpStatusCode.valueOf(response.getStatus()).is2xxSuccessful()) {
      // Its client may have been refused before it sent anything: the connector closes, and reads
      // nothing.
      return;
    }
    if (!drainInTime(request, new Rest(request.getCoyoteRequest())::read)) {
      response.flushBuffer();
      response
          .getCoyoteResponse()
          .action(
              ActionCode.CLOSE_NOW,
              new IOException("the rest of the body did not arrive within " + deadline));
    }
  }

  /** The next bytes of a body, which nobody looks at. */
  @FunctionalInterface
  interface Piece {
    /** How many have come; less than 0 at the end. */
    int read() throws IOException;
  }

  /** The rest of a body, from the connector: the request's own stream ends with the answer. */
  private static final class Rest implements ApplicationBufferHandler {
    private final org.apache.coyote.Request request;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    Rest(org.apache.coyote.Request request) {
      this.request = request;
    }

    int read() throws IOException {
      return request.doRead(this);
    }

    @Override
    public void setByteBuffer(ByteBuffer buffer) {
      bytes = buffer;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return bytes;
    }

    @Override
    public void expand(int size) {
      // It is handed each piece where it lies.
    }
  }

  /** Whether all was read; false when it takes too long, and the connection is better closed. */
  boolean drainInTime(HttpServletRequest request, Piece rest) {
    if (request.getAttribute(NOT_WORTH_READING) instanceof Boolean over) {
      return over;
    }
    if (!isSent(request)) {
      return true;
    }
    long began = nanoClock.getAsLong();
    Courtesy courtesy = new Courtesy(began);
    for (long left = MOST_DRAINED; left > 0; ) {
      int read;
      courtesy.betweenReads(nanoClock.getAsLong());
      try {
        read = rest.read();
      } catch (SocketTimeoutException e) {
        // The connector would wait as long for each further byte.
        return false;
      } catch (IOException e) {
        // Nothing more will come, and the connector knows as well.
        return true;
      }
      if (read < 0) {
        return true;
      }
      if (nanoClock.getAsLong() - began > deadline.toNanos()) {
        return false;
      }
      left -= read;
    }
    return false;
  }

  private static boolean isSent(HttpServletRequest request) {
    try {
      return request.getContentLengthLong() > 0
          || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    } catch (IllegalArgumentException e) {
      // Its length is given twice: the connector has refused it, and reads no further.
      return false;
    }
  }
}
