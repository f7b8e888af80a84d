package dev.virq.api.load;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.Sleep;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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

  private final class Body extends ServletInputStream {
    private final ServletInputStream stream;
    private final boolean chunked = getContentLengthLong() < 0;
    private final long began = nanoClock.getAsLong();
    private final Courtesy courtesy = new Courtesy(began);

    /** What is charged for and not read yet; a chunked body is charged as it comes. */
    private long paid;

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
      courtesy.betweenReads(nanoClock.getAsLong());
      try (Sleep sleep = new Sleep(Sleep.After.IN_TURN)) {
        // Tomcat looks ahead for chunks when it is asked, and keeps to itself what is wrong there.
        if (chunked || stream.available() == 0) {
          sleep.begin();
        }
        read = stream.read(bytes, offset, length);
      } catch (IOException e) {
        DrainValve.broken(getRequest());
        throw e;
      }
      if (nanoClock.getAsLong() - began > deadline.toNanos()) {
        DrainValve.tooLate(getRequest());
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
