package dev.virq.api;

import dev.virq.bench.HttpConnection;
import dev.virq.bench.Program;
import java.io.IOException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A connection of one thread, which signals. */
@State(Scope.Thread)
public class SignalConnection {
  private static final int OK = 200;

  /** By which way it is answered. */
  @Param({"direct", "controller"})
  private String way;

  /** What it waits for. */
  @Param({"none", "settled"})
  private String until;

  private HttpConnection connection;
  private byte[] request;

  /** Opens it. */
  @Setup(Level.Trial)
  public void open(SignalServer server) throws IOException {
    connection = new HttpConnection(server.port());
    request = request(until, way.equals("direct") ? "*/*" : "*/*;q=0.9");
  }

  /** A request for a signal. */
  static byte[] request(String until, String accept) {
    return HttpConnection.request(
        "POST " + Program.SANDBOX + "/eventfds/3/signal?wait=" + until, "Accept: " + accept);
  }

  /** Closes it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    connection.close();
  }

  int call() throws IOException {
    return connection.call(request, OK).length;
  }
}
