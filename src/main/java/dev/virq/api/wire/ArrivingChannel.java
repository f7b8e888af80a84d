package dev.virq.api.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is one of the {@link Newcomers} until it is read from, and whose calls wait in
 * {@link Lines} until they are served.
 *
 * <p>Used by the poller when something comes, and then by a thread that serves it; Tomcat orders
 * these. Closed by anybody.
 */
class ArrivingChannel extends NioChannel {
  /** Nothing of this connection was handed on to a thread yet. */
  private boolean isNew = true;

  /** It waited, and since then no read has told whether it is still there. */
  private boolean mayBeGone;

  /** What has come has been in a line. */
  private boolean lined;

  /** Gives its place among the newcomers back; null when it has none. */
  private final AtomicReference<@Nullable Runnable> newcomer = new AtomicReference<>();

  /** As above, in a line: a {@link Place}. */
  private final AtomicReference<@Nullable Runnable> call = new AtomicReference<>();

  private record Place(Lines lines, Lines.Call call) implements Runnable {
    @Override
    public void run() {
      lines.over(call);
    }
  }

  ArrivingChannel(SocketBufferHandler buffers) {
    super(buffers);
  }

  /**
   * Something has come, or the turn of the first that has.
   *
   * @param turn told when it can be handed on to a thread
   * @return whether it has to wait for that
   */
  final boolean waitsAmong(Newcomers newcomers, Runnable turn) {
    if (!isNew) {
      return false;
    }
    isNew = false;
    mayBeGone = true;
    Newcomers.Newcomer one = new Newcomers.Newcomer(turn);
    // Before it comes: from then on another thread may close it.
    newcomer.set(() -> newcomers.begins(one));
    return !newcomers.comes(one);
  }

  /** A thread has taken up what has come, or it needs none for now. */
  final void begins() {
    giveBack(newcomer);
  }

  /** Whether what is about to be served has waited in a line. */
  final boolean hasWaited() {
    return lined;
  }

  /**
   * A request has come, or its turn.
   *
   * @param turn told when it can be served
   * @return whether it has to wait for that
   * @throws IOException when the connection was reset while it waited: nobody wants the answer
   */
  final boolean waitsIn(Lines lines, Runnable turn) throws IOException {
    boolean first = !lined;
    lined = first;
    String sandbox = first ? sandbox() : null;
    if (sandbox != null) {
      Lines.Call one = new Lines.Call(sandbox, turn);
      call.set(new Place(lines, one));
      if (!lines.comes(one)) {
        mayBeGone = true;
        return true;
      }
    }
    lined = false;
    lookWhetherGone();
    return false;
  }

  /** Whose call has come. Tomcat finds in the buffer what is read here. */
  private @Nullable String sandbox() throws IOException {
    SocketBufferHandler buffers = getBufHandler();
    if (!buffers.isReadBufferEmpty()) {
      return null;
    }
    buffers.configureReadBufferForWrite();
    ByteBuffer bytes = buffers.getReadBuffer();
    return super.read(bytes) > 0 ? RequestLine.sandbox(bytes) : null;
  }

  /** Linux hands out what came before a reset, and only the read after that fails. */
  private void lookWhetherGone() throws IOException {
    SocketBufferHandler buffers = getBufHandler();
    if (!mayBeGone || buffers.isReadBufferEmpty()) {
      return;
    }
    buffers.configureReadBufferForWrite();
    ByteBuffer more = buffers.getReadBuffer();
    while (mayBeGone && more.hasRemaining()) {
      mayBeGone = super.read(more) > 0;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException also when the connection was reset while what it sent waited
   */
  @Override
  public int read(ByteBuffer dst) throws IOException {
    int read = super.read(dst);
    if (mayBeGone && read > 0 && dst.hasRemaining()) {
      mayBeGone = false;
      read += Math.max(0, super.read(dst));
    }
    return read;
  }

  /** What gives the place in a line back that this call has; null when it has none. */
  final @Nullable Runnable place() {
    return call.get();
  }

  /** The call has found a place to run in, or is answered without one. */
  final void admitted() {
    giveBack(call);
  }

  /** The call is of that sandbox, whatever its request line said: no other's line waits for it. */
  final void admittedUnlessOf(String sandbox) {
    if (call.get() instanceof Place place && !place.call().sandbox().equals(sandbox)) {
      admitted();
    }
  }

  private static void giveBack(AtomicReference<@Nullable Runnable> place) {
    // Mostly there is none, and a look is cheap.
    if (place.get() != null) {
      Runnable over = place.getAndSet(null);
      if (over != null) {
        over.run();
      }
    }
  }

  private void giveBackAll() {
    giveBack(newcomer);
    giveBack(call);
  }

  @Override
  public void close() throws IOException {
    giveBackAll();
    super.close();
  }

  @Override
  public void reset(SocketChannel socket, NioSocketWrapper wrapper) throws IOException {
    giveBackAll();
    isNew = true;
    mayBeGone = false;
    lined = false;
    super.reset(socket, wrapper);
  }
}
