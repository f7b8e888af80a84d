package dev.virq.api.wire;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketProcessorBase;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP with whole status lines, answers that are compressed as long as that is cheap, and new
 * connections that are taken as fast as they are served and do not keep out the others. Of a
 * sandbox's calls only so many are read as can be served soon. Where it is encrypted, nothing of
 * this holds.
 */
public class HeadProtocol extends Http11NioProtocol {

  /**
   * Answers that are compressed at once: each takes 268 kB outside of the heap until its client has
   * fetched it, however slowly. Further ones are sent as they are.
   */
  static final int COMPRESSED_AT_ONCE = 32;

  private final Semaphore compressors = new Semaphore(COMPRESSED_AT_ONCE);

  /** For Tomcat. */
  public HeadProtocol() {
    super(new Endpoint());
  }

  /** For tests, which are told of each look at the {@link Newcomers}. */
  HeadProtocol(Runnable pause) {
    super(new Endpoint(pause));
  }

  /** New connections that wait for a thread. */
  final Newcomers newcomers() {
    return ((Endpoint) getEndpoint()).newcomers;
  }

  /** So many calls of a sandbox are left unread while they wait; before the start. */
  public final void setLongestLine(int calls) {
    ((Endpoint) getEndpoint()).lines = new Lines(calls);
  }

  /** When something came last on each connection, as {@link System#currentTimeMillis}. */
  final List<Long> lastReads() {
    return getEndpoint().getConnections().stream()
        .map(NioSocketWrapper.class::cast)
        .map(NioSocketWrapper::getLastRead)
        .toList();
  }

  /** Calls that are left unread. */
  final Lines lines() {
    return ((Endpoint) getEndpoint()).lines;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Requests that nothing has read when the connector pauses are closed unanswered. What has
   * waited in a line is none of these: it would long have been read without the line.
   */
  @Override
  public boolean isPaused() {
    return super.isPaused() && !Waited.isUnread();
  }

  @Override
  protected Processor createProcessor() {
    return new HeadProcessor(this, getAdapter());
  }

  @Override
  public boolean useCompression(Request request, Response response) {
    Head head = Head.of(request);
    if (head == null || !compressors.tryAcquire()) {
      return false;
    }
    // Asked with the compressor in hand, for Tomcat has set the headers by the time it says yes.
    if (super.useCompression(request, response)) {
      head.atEnd(compressors::release);
      return true;
    }
    compressors.release();
    return false;
  }

  private static final class Endpoint extends NioEndpoint {
    private final Newcomers newcomers;
    private volatile Lines lines = new Lines(Integer.MAX_VALUE);

    Endpoint() {
      this.newcomers = new Newcomers(this::connections);
    }

    Endpoint(Runnable pause) {
      this.newcomers = new Newcomers(this::connections, pause);
    }

    private int connections() {
      return (int) getConnectionCount();
    }

    @Override
    protected SocketChannel serverSocketAccept() throws Exception {
      newcomers.beforeNext();
      return super.serverSocketAccept();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A newcomer whose turn it is not is left alone until then, and comes here again. By the
     * thread that looks for events: what several threads start stands in several lines, of which a
     * carrier of virtual threads prefers the one that it has begun with.
     */
    @Override
    public boolean processSocket(
        SocketWrapperBase<NioChannel> connection, SocketEvent event, boolean dispatch) {
      // Errors and timeouts close a connection, for which it need not wait.
      boolean waits =
          event == SocketEvent.OPEN_READ
              && dispatch
              && connection instanceof NioSocketWrapper wrapper
              && connection.getSocket() instanceof ArrivingChannel channel
              && (channel.waitsAmong(newcomers, () -> lookAgain(wrapper))
                  || waitsUnread(wrapper, channel));
      return waits || super.processSocket(connection, event, dispatch);
    }

    /**
     * Whether a call waits for its turn without ever having had a thread. Only where some do: else
     * each would be read here, by the one thread that looks for events.
     */
    private boolean waitsUnread(NioSocketWrapper connection, ArrivingChannel channel) {
      if (!lines.mayHaveToWait() || isPaused() || !connection.getLock().tryLock()) {
        return false;
      }
      try {
        // Closed meanwhile, and the channel is another's; or in the middle of a request.
        if (connection.isClosed()
            || connection.getCurrentProcessor() != null
            || !channel.waitsIn(lines, turn(connection))) {
          return false;
        }
        channel.begins();
        return true;
      } catch (IOException e) {
        // Reset: the thread that reads next is told again.
        return false;
      } finally {
        connection.getLock().unlock();
      }
    }

    private static void lookAgain(NioSocketWrapper connection) {
      // Not silent meanwhile.
      connection.updateLastRead();
      connection.registerReadInterest();
    }

    @Override
    protected SocketProcessorBase<NioChannel> createSocketProcessor(
        SocketWrapperBase<NioChannel> connection, SocketEvent event) {
      return new Arrived(connection, event);
    }

    /** What has come, on a thread. */
    private final class Arrived extends SocketProcessor {
      Arrived(SocketWrapperBase<NioChannel> connection, SocketEvent event) {
        super(connection, event);
      }

      @Override
      protected void doRun() {
        if (!(socketWrapper.getSocket() instanceof ArrivingChannel channel)) {
          super.doRun();
          return;
        }
        channel.begins();
        boolean waited = channel.hasWaited();
        // Once the connector pauses, nothing waits any more: Tomcat closes what has just come.
        if (!isRequest() || (isPaused() && !waited)) {
          super.doRun();
          return;
        }
        if (waits(channel)) {
          return;
        }
        // Of this call: the channel may be another connection's when it has been served.
        Runnable place = channel.place();
        try {
          if (waited) {
            Waited.serve(super::doRun);
          } else {
            super.doRun();
          }
        } finally {
          if (place != null) {
            place.run();
          }
        }
      }

      /** Whether it is for a later turn, or for none because the client is gone. */
      private boolean waits(ArrivingChannel channel) {
        boolean known = false;
        boolean waits = true;
        try {
          waits = channel.waitsIn(lines, turn(socketWrapper));
          heard(socketWrapper);
          known = true;
        } catch (IOException e) {
          // Reset: it is closed below.
        } finally {
          if (!known) {
            socketWrapper.close();
          }
        }
        return waits;
      }

      /** Else it is in the middle of one. */
      private boolean isRequest() {
        return event == SocketEvent.OPEN_READ && socketWrapper.getCurrentProcessor() == null;
      }
    }

    /**
     * Tomcat notes the time of what it reads itself, and this was read past it: a body that is a
     * while in coming would be held for late.
     */
    private static void heard(SocketWrapperBase<NioChannel> connection) {
      if (connection instanceof NioSocketWrapper wrapper) {
        wrapper.updateLastRead();
      }
    }

    /** Takes it up again; the poller would see nothing, for it has been read. */
    private Runnable turn(SocketWrapperBase<NioChannel> connection) {
      return () -> {
        if (!super.processSocket(connection, SocketEvent.OPEN_READ, true)) {
          // No thread: it times out. To close it here would be the next one's turn, and so on.
          connection.registerReadInterest();
        }
      };
    }

    @Override
    protected NioChannel createChannel(SocketBufferHandler buffers) {
      return isSSLEnabled() ? super.createChannel(buffers) : new HeadChannel(buffers);
    }
  }
}
