package dev.virq.api.retry;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** An answer of which a copy is kept, up to a length. */
final class CopiedResponse extends HttpServletResponseWrapper {
  private final int longest;
  private final ByteArrayOutputStream copy = new ByteArrayOutputStream();
  private @Nullable ServletOutputStream body;
  private boolean whole = true;
  private boolean begun;
  private boolean elsewhere;

  CopiedResponse(HttpServletResponse response, int longest) {
    super(response);
    this.longest = longest;
  }

  /**
   * Whether sending the call again would come to the same. What was refused for want of something
   * that may be there next time is not, and neither is what somebody else writes.
   */
  boolean isFinal() {
    int status = getStatus();
    return !elsewhere
        && status < HttpStatus.INTERNAL_SERVER_ERROR.value()
        && status != HttpStatus.TOO_MANY_REQUESTS.value()
        && status != HttpStatus.REQUEST_TIMEOUT.value();
  }

  /** Whether anything of it was written. */
  boolean hasBegun() {
    return begun;
  }

  /** All of it; null when it was too long, or could not be written. */
  byte @Nullable [] body() {
    return whole ? copy.toByteArray() : null;
  }

  @Override
  public void sendError(int status) throws IOException {
    elsewhere = true;
    super.sendError(status);
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    elsewhere = true;
    super.sendError(status, message);
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    ServletOutputStream open = body;
    if (open == null) {
      open = new Copying(super.getOutputStream());
      body = open;
    }
    return open;
  }

  private final class Copying extends ServletOutputStream {
    private final ServletOutputStream stream;

    Copying(ServletOutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      begun = true;
      if (copy.size() + length > longest) {
        whole = false;
        copy.reset();
      }
      if (whole) {
        copy.write(bytes, offset, length);
      }
      boolean written = false;
      try {
        stream.write(bytes, offset, length);
        written = true;
      } finally {
        // Whoever writes an answer gives up then, and the rest is never seen.
        whole &= written;
      }
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
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
