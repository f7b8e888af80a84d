package dev.virq.api.input;

import dev.virq.api.http.Params;
import dev.virq.errno.Errno;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * A request whose body is text: not longer than a limit, however it is sent, and well-formed. A
 * form that was not sent is not a form: REST Assured, for one, calls the missing body of a POST so.
 */
final class BoundedRequest extends HttpServletRequestWrapper {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final long maxBytes;

  BoundedRequest(HttpServletRequest request, long maxBytes) {
    super(request);
    this.maxBytes = maxBytes;
  }

  /** Whether the client calls a body a form that it has not sent. */
  private boolean missingForm() {
    String type = super.getContentType();
    return type != null
        && type.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE)
        && !hasBody(this);
  }

  /** Whether a body, if only an empty one, was sent. */
  static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0
        || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
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
      throw tooLarge();
    }
    String type = super.getContentType();
    boolean json = type != null && type.toLowerCase(Locale.ROOT).contains("json");
    boolean ascii = BodyCharset.of(type) == BodyCharset.ASCII_ONLY;
    return new Checked(super.getInputStream(), json, ascii);
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }

  private RefusedBody tooLarge() {
    return new RefusedBody(
        Params.refused(Errno.E2BIG, "", "is longer than " + maxBytes + " bytes"));
  }

  private static RefusedBody illFormed(String detail) {
    return new RefusedBody(Params.invalid("", detail));
  }

  /** The body as it is read: counted, and checked byte by byte. */
  private final class Checked extends ServletInputStream {
    private final ServletInputStream body;
    private final @Nullable Surrogates escapes;
    private final @Nullable Members members;
    private final boolean ascii;
    private final Utf8 text = new Utf8();
    private long offset;

    /** Whether all bytes so far are those of a byte order mark. */
    private boolean marked;

    Checked(ServletInputStream body, boolean json, boolean ascii) {
      this.body = body;
      this.ascii = ascii;
      this.escapes = json ? new Surrogates() : null;
      this.members = json ? new Members() : null;
    }

    @Override
    public int read() throws IOException {
      int read = body.read();
      if (read < 0) {
        end();
      } else {
        check((byte) read);
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int start, int length) throws IOException {
      int read = body.read(bytes, start, length);
      if (read < 0) {
        end();
      }
      for (int i = 0; i < read; i++) {
        check(bytes[start + i]);
      }
      return read;
    }

    private void check(byte next) throws RefusedBody {
      if (offset == maxBytes) {
        throw tooLarge();
      }
      if (ascii && next < 0) {
        throw illFormed(
            "has byte 0x%02x at offset %d, and of its charset only ASCII is taken; send UTF-8"
                .formatted(next, offset));
      }
      if (!text.accepts(next)) {
        throw illFormed(
            "is not well-formed UTF-8: byte 0x%02x at offset %d".formatted(next, offset));
      }
      if (next == 0) {
        // Else a parser may take UTF-16 for what it is, although it was not announced.
        throw illFormed("has a NUL at offset " + offset + ", and has to be UTF-8");
      }
      if (marked && offset == 2 && next == BYTE_ORDER_MARK[2]) {
        throw illFormed("begins with a byte order mark, and has to be UTF-8 without one");
      }
      marked = offset < 2 && (offset == 0 || marked) && next == BYTE_ORDER_MARK[(int) offset];
      if (escapes != null && !escapes.accepts(next)) {
        throw illFormed(
            "has half of a surrogate pair, as \\ud800 is, that ends at offset " + offset);
      }
      if (members != null && !members.accepts(next)) {
        throw illFormed(
            "has an object of more than %d members at offset %d".formatted(Members.MOST, offset));
      }
      offset++;
    }

    private void end() throws RefusedBody {
      if (!text.isWhole()) {
        throw illFormed("is not well-formed UTF-8: it ends within a character");
      }
    }

    @Override
    public int available() throws IOException {
      return body.available();
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
