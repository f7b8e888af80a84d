package dev.virq.api.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * A connection that writes status lines in full. Tomcat sends every answer's last bytes before it
 * takes up the next request, so the first bytes after that are the next answer's status line; if
 * they are anything else, they are sent as they are.
 *
 * <p>Used by the one thread at a time that serves the connection; Tomcat orders these.
 */
class HeadChannel extends ArrivingChannel {
  private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);

  /** Version, three digits, a space and the line's end. */
  private static final int LENGTH = VERSION.length + 6;

  /** Whose status line comes next; null when it is written. */
  private @Nullable Head due;

  /** The line that takes the place of Tomcat's, as far as the socket has not taken it. */
  private @Nullable ByteBuffer line;

  HeadChannel(SocketBufferHandler buffers) {
    super(buffers);
  }

  /** The next answer is that one. */
  void expect(Head head) {
    due = head;
  }

  @Override
  public void reset(SocketChannel socket, NioSocketWrapper wrapper) throws IOException {
    due = null;
    line = null;
    super.reset(socket, wrapper);
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    // A client that takes no answer must not keep a place.
    admitted();
    int taken = 0;
    Head head = due;
    if (head != null) {
      int status = status(src);
      // An interim answer, such as 100, is followed by the true one.
      if (status < 100 || status >= 200) {
        due = null;
      }
      if (status >= 200) {
        line = ByteBuffer.wrap((head.line(status) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        src.position(src.position() + LENGTH);
        taken = LENGTH;
      }
    }
    return taken + writeAfterLine(src);
  }

  /** In one write: two would be two packets. */
  private int writeAfterLine(ByteBuffer src) throws IOException {
    ByteBuffer rest = line;
    if (rest == null) {
      return send(src);
    }
    int before = src.position();
    long _ = send(new ByteBuffer[] {rest, src});
    if (!rest.hasRemaining()) {
      line = null;
    }
    return src.position() - before;
  }

  /** One write to the socket. */
  int send(ByteBuffer bytes) throws IOException {
    return super.write(bytes);
  }

  /** One write to the socket. */
  long send(ByteBuffer[] bytes) throws IOException {
    return super.write(bytes, 0, bytes.length);
  }

  /** Of the status line that the bytes begin with; 0 when they begin with none. */
  private static int status(ByteBuffer src) {
    int at = src.position();
    if (src.remaining() < LENGTH) {
      return 0;
    }
    for (int i = 0; i < VERSION.length; i++) {
      if (src.get(at + i) != VERSION[i]) {
        return 0;
      }
    }
    int status = 0;
    for (int i = VERSION.length; i < VERSION.length + 3; i++) {
      int digit = src.get(at + i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      status = status * 10 + digit;
    }
    boolean bare =
        src.get(at + LENGTH - 3) == ' '
            && src.get(at + LENGTH - 2) == '\r'
            && src.get(at + LENGTH - 1) == '\n';
    return bare ? status : 0;
  }

  /**
   * Bytes that Tomcat has handed over and the socket has not taken; it asks until there are none.
   */
  @Override
  public int getOutboundRemaining() {
    ByteBuffer rest = line;
    return rest == null ? 0 : rest.remaining();
  }

  @Override
  public boolean flushOutbound() throws IOException {
    ByteBuffer rest = line;
    if (rest == null) {
      return true;
    }
    int _ = send(rest);
    if (rest.hasRemaining()) {
      return false;
    }
    line = null;
    return true;
  }
}
