package dev.virq.api.retry;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A request whose body has been read, and is read once more by its handler. */
public final class RereadRequest extends HttpServletRequestWrapper {
  /** Up to here an array of a body's length is smaller than the one that any body is read into. */
  private static final int SMALL = 8_192;

  private final byte[] body;

  /** Reads the body, with all its checks. */
  public RereadRequest(HttpServletRequest request) throws IOException {
    super(request);
    this.body = whole(request.getInputStream(), request.getContentLengthLong());
  }

  private static byte[] whole(ServletInputStream in, long length) throws IOException {
    if (length < 0 || length > SMALL) {
      return in.readAllBytes();
    }
    byte[] all = in.readNBytes((int) length);
    // As far as the end: there it is checked that no character is cut off.
    if (in.read() >= 0) {
      throw new IOException("the body is longer than its Content-Length, " + length);
    }
    return all;
  }

  /** The body as it was read. */
  public byte[] body() {
    return body;
  }

  @Override
  public ServletInputStream getInputStream() {
    ByteArrayInputStream bytes = new ByteArrayInputStream(body);
    return new ServletInputStream() {
      @Override
      public int read() {
        return bytes.read();
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        return bytes.read(into, offset, length);
      }

      @Override
      public boolean isFinished() {
        return bytes.available() == 0;
      }

      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setReadListener(ReadListener listener) {
        throw new IllegalStateException("requests are not asynchronous");
      }
    };
  }

  @Override
  public BufferedReader getReader() {
    return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }
}
