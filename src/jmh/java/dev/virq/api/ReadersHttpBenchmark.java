package dev.virq.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
 * Signals over HTTP as in {@link SignalHttpBenchmark}, while others follow the events. A slow
 * reader takes nothing that it is sent; a fast one takes everything, on this machine's processors.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
@Threads(4)
public class ReadersHttpBenchmark {

  /** Those who follow. */
  @State(Scope.Benchmark)
  public static class Readers {
    /** How many read everything. */
    @Param({"0", "25"})
    private int fast;

    /** How many take nothing. */
    @Param({"0", "25", "100"})
    private int slow;

    private final List<Socket> sockets = new ArrayList<>();

    /** Opens their streams. */
    @Setup(Level.Trial)
    public void open(SignalServer server) throws IOException {
      for (int i = 0; i < slow; i++) {
        open(server.port());
      }
      for (int i = 0; i < fast; i++) {
        Socket socket = open(server.port());
        Thread.ofPlatform().daemon().start(() -> drain(socket));
      }
    }

    private Socket open(int port) throws IOException {
      Socket socket = new Socket();
      // So that what a slow one does not take is not taken for it.
      socket.setReceiveBufferSize(4_096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket
          .getOutputStream()
          .write(
              ("GET /v1/sandboxes/default/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                      + "Accept: text/event-stream\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      sockets.add(socket);
      return socket;
    }

    private static void drain(Socket socket) {
      try (InputStream in = socket.getInputStream()) {
        long _ = in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // Closed when the benchmark is over.
      }
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
      for (Socket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      sockets.clear();
    }
  }

  /** One signal. */
  @Benchmark
  public int signal(SignalConnection connection, Readers readers) throws IOException {
    return connection.call();
  }
}
