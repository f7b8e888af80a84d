package dev.virq.api;

import dev.virq.bench.HttpConnection;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a signal over HTTP costs beside the least that an endpoint can do: one of Spring MVC in the
 * same server that does nothing, and a servlet that does nothing in a Spring Boot without virq.
 * Each thread has a connection of its own, to a server in the same process.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
@Threads(16)
public class EndpointFloorBenchmark {
  private static final int OK = 200;

  /** What is called. */
  public enum Endpoint {
    /** A servlet of a plain Spring Boot. */
    SERVLET,
    /** An operation of Spring MVC in virq's server. */
    EMPTY,
    /** A signal by the short way, answered when it is written. */
    SIGNAL_NONE,
    /** A signal by the short way, answered when its outcome is known. */
    SIGNAL_SETTLED
  }

  /** The one server that the endpoint needs. */
  @State(Scope.Benchmark)
  public static class Server {
    /** What is called. */
    @Param private Endpoint endpoint;

    private final SignalServer virq = new SignalServer();
    private final PlainServer plain = new PlainServer();

    /** Starts it. */
    @Setup(Level.Trial)
    public void start() throws IOException {
      switch (endpoint) {
        case SERVLET -> plain.start();
        case EMPTY -> {
          virq.start();
          EmptyOperation.addTo(virq.program());
        }
        case SIGNAL_NONE, SIGNAL_SETTLED -> virq.start();
      }
    }

    int port() {
      return endpoint == Endpoint.SERVLET ? plain.port() : virq.port();
    }

    byte[] request() {
      return switch (endpoint) {
        case SERVLET -> HttpConnection.request("POST " + PlainServer.PATH, "Accept: */*");
        case EMPTY -> HttpConnection.request("POST " + EmptyOperation.PATH, "Accept: */*");
        case SIGNAL_NONE -> SignalConnection.request("none", "*/*");
        case SIGNAL_SETTLED -> SignalConnection.request("settled", "*/*");
      };
    }

    /** Whether an answer says as much as it should. */
    boolean isComplete(byte[] body) {
      return switch (endpoint) {
        case SERVLET, EMPTY -> body.length == 0;
        case SIGNAL_NONE, SIGNAL_SETTLED -> body.length > 0;
      };
    }

    /** All signals were injected. */
    @TearDown(Level.Iteration)
    public void check() {
      if (endpoint != Endpoint.SERVLET) {
        virq.check();
      }
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void stop() {
      if (endpoint == Endpoint.SERVLET) {
        plain.stop();
      } else {
        virq.stop();
      }
    }
  }

  /** A connection of one thread. */
  @State(Scope.Thread)
  public static class Connection {
    private HttpConnection connection;
    private byte[] request;

    /** Opens it. */
    @Setup(Level.Trial)
    public void open(Server server) throws IOException {
      connection = new HttpConnection(server.port());
      request = server.request();
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      connection.close();
    }
  }

  /** One call. */
  @Benchmark
  public int call(Server server, Connection connection) throws IOException {
    byte[] body = connection.connection.call(connection.request, OK);
    if (!server.isComplete(body)) {
      throw new IllegalStateException("answered with " + body.length + " bytes");
    }
    return body.length;
  }
}
