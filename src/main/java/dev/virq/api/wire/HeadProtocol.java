package dev.virq.api.wire;

import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP with whole status lines, answers that are compressed as long as that is cheap, and
 * connections that are taken as fast as they are served. Where it is encrypted, the status lines
 * are Tomcat's, and nothing is compressed.
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
    this(new Newcomers());
  }

  /** As above, with those that count there. */
  HeadProtocol(Newcomers newcomers) {
    super(new Endpoint(newcomers));
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

    Endpoint(Newcomers newcomers) {
      this.newcomers = newcomers;
    }

    @Override
    protected SocketChannel serverSocketAccept() throws Exception {
      newcomers.beforeNext();
      return super.serverSocketAccept();
    }

    @Override
    public boolean processSocket(
        SocketWrapperBase<NioChannel> connection, SocketEvent event, boolean dispatch) {
      if (dispatch && connection.getSocket() instanceof HeadChannel channel) {
        channel.isHandedOn(newcomers);
      }
      return super.processSocket(connection, event, dispatch);
    }

    @Override
    protected NioChannel createChannel(SocketBufferHandler buffers) {
      return isSSLEnabled() ? super.createChannel(buffers) : new HeadChannel(buffers);
    }
  }
}
