package dev.virq.api.http;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * A request whose body may not be longer than a limit, however it is sent. A form that was not sent
 * is not a form: REST Assured, for one, calls the missing body of a POST so.
 */
final class BoundedRequest extends HttpServletRequestWrapper {
  private final long maxBytes;

  BoundedRequest(HttpServletRequest request, long maxBytes) {
    super(request);
    this.maxBytes = maxBytes;
  }

  /** The body is longer than allowed. */
  static final class BodyTooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    BodyTooLarge(long maxBytes) {
      super("the body is longer than " + maxBytes + " bytes");
    }
  }

  /** Whether the client calls a body a form that it has not sent. */
  private boolean missingForm() {
    String type = super.getContentType();
    return type != null
        && type.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE)
        && getContentLengthLong() <= 0
        && super.getHeader(HttpHeaders.TRANSFER_ENCODING) == null;
  }

  private boolean hidden(String header) {
    return header.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE) && missingForm();
  }

  @Override
  public @Nullable String getContentType() {
    return missingForm() ? null : super.getContentType();
  }

  @Override
  public @Nullable String getHeader(String name) {
    return hidden(name) ? null : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return hidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    // The announced length is enough to refuse; a chunked body announces none and is counted.
    if (getContentLengthLong() > maxBytes) {
      throw new BodyTooLarge(maxBytes);
    }
    return new Counting(super.getInputStream());
  }

  private final class Counting extends ServletInputStream {
    private final ServletInputStream body;
    private long left = maxBytes;

    Counting(ServletInputStream body) {
      this.body = body;
    }

    @Override
    public int read() throws IOException {
      int read = body.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = body.read(bytes, offset, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int read) throws IOException {
      left -= read;
      if (left < 0) {
        throw new BodyTooLarge(maxBytes);
      }
    }

    @Override
    public boolean isFinished() {
      return body.isFinished();
    }

    @Override
    public boolean isReady() {
      return body.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      body.setReadListener(listener);
    }
  }
}
