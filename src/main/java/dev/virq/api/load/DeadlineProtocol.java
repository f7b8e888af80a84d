package dev.virq.api.load;

import dev.virq.api.wire.HeadProtocol;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.AbstractProcessor;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP whose heads have to arrive whole within a time. Tomcat's own limit is on the time between
 * two reads: a client that sends a byte now and then keeps its connection, and half a head, for
 * ever. And when all connections are taken, room is made for new ones.
 *
 * <p>Made by Tomcat, from the class's name. Looks at the connections each second, on Tomcat's own
 * thread for such tasks.
 */
public final class DeadlineProtocol extends HeadProtocol {
  /**
   * Requests that were served leave this many sets of buffers for the next ones, some 80 kB each.
   * Made anew for each, they are most of what a request allocates.
   */
  private static final int PROCESSORS = 128;

  /** Bytes; most requests and answers are shorter, and a longer one takes several. */
  private static final int REQUEST_BUFFER = 2_048;

  static final int ANSWER_BUFFER = 4_096;

  private HeadDeadline deadline = new HeadDeadline(Long.MAX_VALUE);
  private Crowd crowd = new Crowd();
  private @Nullable ScheduledFuture<?> looking;

  /** For Tomcat. */
  public DeadlineProtocol() {
    setProcessorCache(PROCESSORS);
    getEndpoint().getSocketProperties().setAppReadBufSize(REQUEST_BUFFER);
    getEndpoint().getSocketProperties().setAppWriteBufSize(ANSWER_BUFFER);
  }

  /** How long a head may take; before the start. */
  void setHeadDeadline(Duration time) {
    deadline = new HeadDeadline(time.toNanos());
  }

  /** Told at each look whether there was room; before the start. */
  void setCrowd(Crowd told) {
    crowd = told;
  }

  /**
   * Half a head.
   *
   * @param processor keeps it between two reads; has none between two requests
   * @param startNanos when the request began: the processor may have begun another
   */
  private record Head(AbstractProcessor processor, long startNanos) {}

  @Override
  public int getDesiredBufferSize() {
    return ANSWER_BUFFER;
  }

  @Override
  public void start() throws Exception {
    super.start();
    looking = getUtilityExecutor().scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void stop() throws Exception {
    ScheduledFuture<?> running = looking;
    if (running != null) {
      running.cancel(false);
    }
    super.stop();
  }

  private void look() {
    closeLate();
    boolean full = getEndpoint().getConnectionCount() >= getMaxConnections();
    crowd.look(full, full && makeRoom(System.currentTimeMillis()), getMaxConnections());
  }

  /**
   * Closes connections that are silent. Else whoever holds them could keep all others out.
   *
   * @param nowMillis as {@link System#currentTimeMillis}
   * @return whether they were as many as are closed at a time
   */
  boolean makeRoom(long nowMillis) {
    var closed = Room.toMake(silent(), getMaxConnections(), nowMillis);
    closed.forEach(this::close);
    return closed.size() == Room.atOnce(getMaxConnections());
  }

  /** Those that something is expected on, and no request is served. */
  List<Room.Silent<SocketWrapperBase<NioChannel>>> silent() {
    return getEndpoint().getConnections().stream()
        .filter(NioSocketWrapper.class::isInstance)
        // None while something has come that waits for a thread.
        .filter(connection -> ((NioSocketWrapper) connection).interestOps() != 0)
        // Locked while a request is served.
        .filter(connection -> !connection.getLock().isLocked())
        .map(connection -> new Room.Silent<>(connection, lastHeard((NioSocketWrapper) connection)))
        .toList();
  }

  /** An answer ends the silence, too: the call may have waited for it. */
  private static long lastHeard(NioSocketWrapper connection) {
    return Math.max(connection.getLastRead(), connection.getLastWrite());
  }

  /** As when a read times out: the connection's own lock is taken, and it is closed. */
  private void close(SocketWrapperBase<NioChannel> connection) {
    var _ = getEndpoint().processSocket(connection, SocketEvent.ERROR, true);
  }

  private void closeLate() {
    Map<Head, SocketWrapperBase<NioChannel>> heads = new HashMap<>();
    for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
      if (connection.getCurrentProcessor() instanceof AbstractProcessor processor) {
        heads.put(new Head(processor, processor.getRequest().getStartTimeNanos()), connection);
      }
    }
    for (Object late : deadline.late(heads.keySet(), System.nanoTime())) {
      SocketWrapperBase<NioChannel> connection = heads.get(late);
      if (connection != null) {
        close(connection);
      }
    }
  }
}
