package dev.virq.api.retry;

import dev.virq.api.load.CopyKept;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An answer of which a copy is kept, up to a length. */
final class CopiedResponse extends HttpServletResponseWrapper implements CopyKept {
  private final int longest;
  private final ByteArrayOutputStream copy = new ByteArrayOutputStream();
  private @Nullable ServletOutputStream body;
  private boolean whole = true;
  private boolean begun;
  private boolean gone;
  private boolean elsewhere;

  CopiedResponse(HttpServletResponse response, int longest) {
    super(response);
    this.longest = longest;
  }

  /** Whether somebody else writes it. */
  boolean isElsewhere() {
    return elsewhere;
  }

  /** Whether anything of it was written. */
  boolean hasBegun() {
    return begun;
  }

  /** All of it, whether its client has taken it or not; null when it was too long. */
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

  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
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
      unlessGone(() -> stream.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
      unlessGone(stream::flush);
    }

    /**
     * A client that has gone asks again: the rest is still wanted, as long as it is kept. Tomcat
     * knows by itself that the connection is lost.
     */
    private void unlessGone(Write write) throws IOException {
      if (gone && whole) {
        return;
      }
      try {
        write.run();
      } catch (IOException e) {
        gone = true;
        if (!whole) {
          throw e;
        }
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
