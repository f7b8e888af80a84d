package dev.virq.api.wire;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** Serves a connection, and tells it whose status line comes next. */
final class HeadProcessor extends FreshProcessor {
  private final Adapter announcing;
  private final Compressor compressor;

  HeadProcessor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
    super(protocol, adapter);
    this.announcing = new Announcing(adapter);
    this.compressor = new Compressor(filters());
  }

  @Override
  public Adapter getAdapter() {
    return announcing;
  }

  private final class Announcing implements Adapter {
    private final Adapter adapter;

    Announcing(Adapter adapter) {
      this.adapter = adapter;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
      Waited.read();
      SocketWrapperBase<?> connection = getSocketWrapper();
      if (!(connection != null && connection.getSocket() instanceof HeadChannel channel)) {
        adapter.service(request, response);
        return;
      }
      Head head = new Head(request, response, HeadProcessor.this, channel);
      channel.expect(head);
      try {
        adapter.service(request, response);
      } finally {
        if (!isAsync()) {
          // Before its place is another's.
          compressor.end();
        }
        head.over();
      }
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
      return adapter.prepare(request, response);
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent event)
        throws Exception {
      return adapter.asyncDispatch(request, response, event);
    }

    @Override
    public void log(Request request, Response response, long time) {
      adapter.log(request, response, time);
    }

    @Override
    public void checkRecycled(Request request, Response response) {
      adapter.checkRecycled(request, response);
    }

    @Override
    public String getDomain() {
      return adapter.getDomain();
    }
  }
}
