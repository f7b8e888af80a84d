package dev.virq.api.load;

import dev.virq.sync.Sleep;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer that keeps no place among those that are served while its client fetches it, and that
 * has to be fetched within a time.
 */
final class PatientResponse extends HttpServletResponseWrapper {
  /** What fits into the connector's buffer is written without waiting. */
  private static final int BUFFERED_BYTES = DeadlineProtocol.ANSWER_BUFFER;

  private final Duration deadline;
  private final LongSupplier nanoClock;
  private @Nullable Body body;

  PatientResponse(HttpServletResponse response, Duration deadline, LongSupplier nanoClock) {
    super(response);
    this.deadline = deadline;
    this.nanoClock = nanoClock;
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    Body open = body;
    if (open == null) {
      open = new Body(super.getOutputStream());
      body = open;
    }
    return open;
  }

  /** A short answer is sent whole at its end, with its length, and not in two packets. */
  @Override
  public void flushBuffer() throws IOException {
    Body open = body;
    if (open == null || open.written > BUFFERED_BYTES) {
      super.flushBuffer();
    }
  }

  /**
   * Sends a piece of an answer that has no known end. It is on its way on return, and the deadline
   * is one for each piece. The caller keeps no place.
   */
  void send(byte[] bytes, int length) throws IOException {
    ServletOutputStream stream = super.getOutputStream();
    long began = nanoClock.getAsLong();
    for (int done = 0; done < length; done += BUFFERED_BYTES) {
      requireInTime(began);
      stream.write(bytes, done, Math.min(BUFFERED_BYTES, length - done));
    }
    requireInTime(began);
    super.flushBuffer();
  }

  private void requireInTime(long began) throws IOException {
    if (nanoClock.getAsLong() - began > deadline.toNanos()) {
      throw new IOException("the answer was not fetched within " + deadline);
    }
  }

  private final class Body extends ServletOutputStream {
    private final ServletOutputStream stream;
    private final long began = nanoClock.getAsLong();
    private long written;

    Body(ServletOutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written += length;
      if (written <= BUFFERED_BYTES) {
        stream.write(bytes, offset, length);
        return;
      }
      try (Sleep sleep = new Sleep(Sleep.After.IN_TURN)) {
        sleep.begin();
        // In pieces, so that a client that takes some now and then is noticed, too.
        for (int done = 0; done < length; done += BUFFERED_BYTES) {
          requireInTime(began);
          stream.write(bytes, offset + done, Math.min(BUFFERED_BYTES, length - done));
        }
      }
    }

    @Override
    public void flush() throws IOException {
      if (written <= BUFFERED_BYTES) {
        return;
      }
      // Then it runs on at once, for hardly anything is left to do.
      try (Sleep sleep = new Sleep()) {
        sleep.begin();
        stream.flush();
      }
    }

    @Override
    public boolean isReady() {
      return stream.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      stream.setWriteListener(listener);
    }
  }
}
