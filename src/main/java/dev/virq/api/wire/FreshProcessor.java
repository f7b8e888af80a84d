package dev.virq.api.wire;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.apache.coyote.Adapter;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11OutputBuffer;
import org.apache.coyote.http11.Http11Processor;
import org.apache.coyote.http11.OutputFilter;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Serves request after request, for whoever sends the next one. Tomcat's own remembers whether the
 * last request was of HTTP/0.9 until it has read another request line: one that cannot be read
 * would be answered without a status, whoever sent it.
 */
class FreshProcessor extends Http11Processor {
  /** Private there, and not put back when the processor is kept for another connection. */
  private static final VarHandle OLDEST_VERSION = field("http09", boolean.class);

  /** Private there, and without a setter. */
  private static final VarHandle KEPT = field("keepAlive", boolean.class);

  private static final VarHandle OUTPUT = field("outputBuffer", Http11OutputBuffer.class);

  FreshProcessor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
    super(protocol, adapter);
  }

  private static VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(Http11Processor.class, MethodHandles.lookup())
          .findVarHandle(Http11Processor.class, name, type);
    } catch (ReflectiveOperationException e) {
      // At the start, for every request makes or takes a processor.
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What its answers pass through. */
  final OutputFilter[] filters() {
    return ((Http11OutputBuffer) OUTPUT.get((Http11Processor) this)).getFilters();
  }

  /**
   * After the answer to this request the connection is closed, and the answer says so. The header
   * alone would do so, too, but then no answer would be sent in chunks, and one that breaks off
   * would look whole.
   */
  final void closeAfterAnswer() {
    KEPT.setVolatile((Http11Processor) this, false);
  }

  @Override
  public SocketState service(SocketWrapperBase<?> connection) throws IOException {
    OLDEST_VERSION.set((Http11Processor) this, false);
    return super.service(connection);
  }
}
