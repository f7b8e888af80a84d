package dev.virq.api.load;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.Sleep;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * A request whose body is charged before it is read, has to arrive within a time, and keeps no
 * place among those that are served while it does.
 */
public final class ChargedRequest extends HttpServletRequestWrapper {
  /** The fact of a refusal because the body took too long. */
  public static final String BODY_DEADLINE = "bodyDeadline";

  /**
   * Bytes of heap for a byte of a script: its words become objects of their own, most of them for
   * two or three characters.
   */
  private static final int SCRIPT_FACTOR = 20;

  /**
   * Bytes of heap for a byte of JSON: a member of ten bytes becomes a node, a name and an entry.
   */
  private static final int JSON_FACTOR = 16;

  private static final int PIECE = 8_192;

  /** As server.tomcat.max-swallow-size. */
  private static final long MOST_DRAINED = 64L << 20;

  private final Duration deadline;
  private final LongSupplier nanoClock;
  private @Nullable Body body;

  ChargedRequest(HttpServletRequest request, Duration deadline, LongSupplier nanoClock) {
    super(request);
    this.deadline = deadline;
    this.nanoClock = nanoClock;
  }

  private int factor() {
    String type = getContentType();
    return type != null && type.startsWith(MediaType.TEXT_PLAIN_VALUE)
        ? SCRIPT_FACTOR
        : JSON_FACTOR;
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    Body open = body;
    if (open == null) {
      // First, for it refuses a body that is too long.
      ServletInputStream stream = super.getInputStream();
      long announced = Math.max(0, getContentLengthLong());
      RequestBytes.charge(announced * factor());
      open = new Body(stream, announced);
      body = open;
    }
    return open;
  }

  /**
   * Reads what is left of the body, so that an answer that came before reaches the client.
   *
   * @return false when it takes too long, and the connection is better closed
   */
  boolean drainInTime() throws IOException {
    boolean sent = getContentLengthLong() > 0 || getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    // A client that asks first has sent nothing yet.
    if (!sent || getHeader(HttpHeaders.EXPECT) != null) {
      return true;
    }
    if (body != null && body.late) {
      return false;
    }
    if (body != null && body.broken) {
      // Another read would find another fault, which the connector would tell instead.
      return true;
    }
    long began = nanoClock.getAsLong();
    ServletRequest innermost = getRequest();
    while (innermost instanceof ServletRequestWrapper wrapper) {
      innermost = wrapper.getRequest();
    }
    ServletInputStream rest = innermost.getInputStream();
    byte[] unread = new byte[PIECE];
    for (long left = MOST_DRAINED; left > 0; ) {
      int read;
      try {
        read = rest.isFinished() ? -1 : rest.read(unread);
      } catch (IOException e) {
        // Broken off, or no chunks: nothing more will come, and the connector knows as well.
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

  private final class Body extends ServletInputStream {
    private final ServletInputStream stream;
    private final boolean chunked = getContentLengthLong() < 0;
    private final long began = nanoClock.getAsLong();

    /** What is charged for and not read yet; a chunked body is charged as it comes. */
    private long paid;

    private boolean late;

    /** Whether a read found it broken off, or no chunks. */
    private boolean broken;

    Body(ServletInputStream stream, long paid) {
      this.stream = stream;
      this.paid = paid;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read;
      // Parsing a long body takes long, and this is all that is seen of it.
      Sleep.pass();
      try (Sleep sleep = new Sleep(Sleep.After.IN_TURN)) {
        // Tomcat looks ahead for chunks when it is asked, and keeps to itself what is wrong there.
        if (chunked || stream.available() == 0) {
          sleep.begin();
        }
        read = stream.read(bytes, offset, length);
      } catch (IOException e) {
        broken = true;
        throw e;
      }
      if (nanoClock.getAsLong() - began > deadline.toNanos()) {
        late = true;
        throw new ErrnoException(
            Errno.ETIMEDOUT,
            "the body did not arrive within " + deadline,
            Map.of(BODY_DEADLINE, deadline.toString()));
      }
      paid -= Math.max(0, read);
      if (paid < 0) {
        RequestBytes.charge(-paid * factor());
        paid = 0;
      }
      return read;
    }

    @Override
    public int available() throws IOException {
      return stream.available();
    }

    @Override
    public boolean isFinished() {
      return stream.isFinished();
    }

    @Override
    public boolean isReady() {
      return stream.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      stream.setReadListener(listener);
    }
  }
}
