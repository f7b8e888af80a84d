package dev.virq.api.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * A connection that writes status lines in full, and that waits among {@link Newcomers} while it is
 * new. Tomcat sends every answer's last bytes before it takes up the next request, so the first
 * bytes after that are the next answer's status line; if they are anything else, they are sent as
 * they are.
 *
 * <p>Used by the one thread at a time that serves the connection; Tomcat orders these.
 */
class HeadChannel extends NioChannel {
  private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);

  /** Version, three digits, a space and the line's end. */
  private static final int LENGTH = VERSION.length + 6;

  /** Whose status line comes next; null when it is written. */
  private @Nullable Head due;

  /** The line that takes the place of Tomcat's, as far as the socket has not taken it. */
  private @Nullable ByteBuffer line;

  /** Nothing of this connection was handed on to a thread yet. Of the thread that hands on. */
  private boolean isNew = true;

  /** Where it is counted while its first bytes wait for a thread; null otherwise. */
  private final AtomicReference<@Nullable Runnable> waits = new AtomicReference<>();

  /** It waited for a thread, and since then no read has told whether it is still there. */
  private boolean mayBeGone;

  HeadChannel(SocketBufferHandler buffers) {
    super(buffers);
  }

  /**
   * What has come could be handed on to a thread.
   *
   * @param turn told when it can be
   * @return whether it has to wait for that, because it is a newcomer
   */
  boolean waitsWith(Newcomers newcomers, Runnable turn) {
    if (!isNew) {
      return false;
    }
    isNew = false;
    Newcomers.Newcomer one = new Newcomers.Newcomer(turn);
    // Before it comes: from then on another thread may close it.
    waits.set(() -> newcomers.begins(one));
    return !newcomers.comes(one);
  }

  /**
   * It waits for no thread, or not any more.
   *
   * @return whether it did until now
   */
  private boolean begins() {
    if (waits.get() == null) {
      return false;
    }
    Runnable over = waits.getAndSet(null);
    if (over == null) {
      return false;
    }
    over.run();
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException also when a new connection was reset while it waited
   */
  @Override
  public int read(ByteBuffer dst) throws IOException {
    if (begins()) {
      mayBeGone = true;
    }
    int read = super.read(dst);
    if (mayBeGone && read > 0 && dst.hasRemaining()) {
      // Linux hands out what came before a reset, and only the read after that fails. Nobody wants
      // the answer, so the request need not be carried out.
      mayBeGone = false;
      read += Math.max(0, super.read(dst));
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    boolean _ = begins();
    super.close();
  }

  /** The next answer is that one. */
  void expect(Head head) {
    due = head;
  }

  @Override
  public void reset(SocketChannel socket, NioSocketWrapper wrapper) throws IOException {
    due = null;
    line = null;
    boolean _ = begins();
    mayBeGone = false;
    isNew = true;
    super.reset(socket, wrapper);
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
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
