package dev.virq.api;

import dev.virq.VirqApplication;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Signals over HTTP, each thread on a connection of its own, against a server in the same process.
 * An {@code Accept} with a weight makes a signal the controller's: see decision 26.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
@Threads(16)
public class SignalHttpBenchmark {
  private static final String SANDBOX = "/v1/sandboxes/default";

  /** The program, with one VM and one bound eventfd. */
  @State(Scope.Benchmark)
  public static class Server {
    private ConfigurableApplicationContext program;
    private int port;

    /** Starts it. */
    @Setup
    public void start() {
      program =
          new SpringApplication(VirqApplication.class)
              .run("--server.port=0", "--spring.main.banner-mode=off");
      port = program.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
      post("/vms", "{}");
      post("/eventfds", "{}");
      post("/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}");
    }

    private void post(String path, String body) {
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + SANDBOX + path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status != 201) {
          throw new IllegalStateException(path + " answered " + status);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    int port() {
      return port;
    }

    /** Ends it. */
    @TearDown
    public void stop() {
      program.close();
    }
  }

  /** A connection of one thread. */
  @State(Scope.Thread)
  public static class Connection {
    /** By which way it is answered. */
    @Param({"direct", "controller"})
    private String way;

    /** What it waits for. */
    @Param({"none", "settled"})
    private String until;

    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private byte[] request;

    /** Opens it. */
    @Setup(Level.Trial)
    public void open(Server server) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), server.port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
      String accept = way.equals("direct") ? "*/*" : "*/*;q=0.9";
      request =
          ("POST "
                  + SANDBOX
                  + "/eventfds/3/signal?wait="
                  + until
                  + " HTTP/1.1\r\n"
                  + "Host: 127.0.0.1\r\nAccept: "
                  + accept
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      socket.close();
    }

    int call() throws IOException {
      out.write(request);
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        if (line.startsWith("HTTP/") && !line.contains(" 200 ")) {
          throw new IOException(line);
        }
        if (line.startsWith("Content-Length: ")) {
          length = Integer.parseInt(line.substring("Content-Length: ".length()));
        }
      }
      in.skipNBytes(length);
      return length;
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("the connection was closed");
        }
        if (next != '\r') {
          line.append((char) next);
        }
      }
      return line.toString();
    }
  }

  /** One signal. */
  @Benchmark
  public int signal(Connection connection) throws IOException {
    return connection.call();
  }
}
