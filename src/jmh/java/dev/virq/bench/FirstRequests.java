package dev.virq.bench;

import dev.virq.testing.ServerProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How long the packaged program takes to its readiness, and how much longer than later ones its
 * first requests take. Each round is a process of its own, killed by its id in the end.
 *
 * <p>Arguments: how many rounds, the jar, and options of the JVM that runs it.
 */
public final class FirstRequests {
  private static final int OK = 200;

  /** Of so many signals the middle one of the last is the hundredth. */
  private static final int SIGNALS = 110;

  private static final int LAST = 21;

  private FirstRequests() {}

  private enum Figure {
    READINESS,
    FIRST_API_DOCS,
    FIRST_SIGNAL,
    HUNDREDTH_SIGNAL,
    FIRST_OF_HUNDREDTH
  }

  /** Prints, of each figure, the median of the rounds, the lowest and the highest. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int rounds = Integer.parseInt(args[0]);
    Path jar = Path.of(args[1]).toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(args).subList(2, args.length));
    command.addAll(
        List.of("-jar", jar.toString(), "--server.port=0", "--spring.main.banner-mode=off"));
    Map<Figure, double[]> figures = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      figures.put(figure, new double[rounds]);
    }
    for (int round = 0; round < rounds; round++) {
      long begun = System.nanoTime();
      try (ServerProcess server = ServerProcess.start(new ProcessBuilder(command))) {
        Map<Figure, Double> one = measure(server, begun);
        System.out.println("round " + (round + 1) + ": " + one);
        for (Map.Entry<Figure, Double> figure : one.entrySet()) {
          figures.get(figure.getKey())[round] = figure.getValue();
        }
      }
    }
    System.out.println("\nmilliseconds, medians of " + rounds + " rounds (lowest to highest)");
    figures.forEach((figure, all) -> System.out.println(figure + ": " + Rounds.shown(all)));
  }

  private static Map<Figure, Double> measure(ServerProcess server, long begun)
      throws IOException, InterruptedException {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    // Its log names the port when it listens; it is ready soon after.
    int port = server.port();
    awaitReady(port);
    figures.put(Figure.READINESS, millisSince(begun));
    try (HttpConnection connection = new HttpConnection(port)) {
      figures.put(
          Figure.FIRST_API_DOCS,
          timed(connection, HttpConnection.request("GET /v3/api-docs"), "openapi"));
      Program.bind(port);
      byte[] signal =
          HttpConnection.request("POST " + Program.SANDBOX + "/eventfds/3/signal?wait=settled");
      double[] signals = new double[SIGNALS];
      for (int i = 0; i < SIGNALS; i++) {
        signals[i] = timed(connection, signal, "\"INJECTED\"");
      }
      double[] last = Arrays.copyOfRange(signals, SIGNALS - LAST, SIGNALS);
      Arrays.sort(last);
      double hundredth = last[LAST / 2];
      figures.put(Figure.FIRST_SIGNAL, signals[0]);
      figures.put(Figure.HUNDREDTH_SIGNAL, hundredth);
      figures.put(Figure.FIRST_OF_HUNDREDTH, signals[0] / hundredth);
    }
    return figures;
  }

  /** Asks until it is; each time on a connection of its own, for one that is refused is no more. */
  @SuppressWarnings("ThreadPriorityCheck") // the program is to have the processor meanwhile
  private static void awaitReady(int port) throws IOException {
    byte[] request = HttpConnection.request("GET /actuator/health/readiness");
    while (true) {
      try (HttpConnection connection = new HttpConnection(port)) {
        byte[] _ = connection.call(request, OK);
        return;
      } catch (ConnectException e) {
        throw e;
      } catch (IOException _) {
        Thread.yield();
      }
    }
  }

  /** Milliseconds of a call whose answer has to contain a word. */
  private static double timed(HttpConnection connection, byte[] request, String word)
      throws IOException {
    long begun = System.nanoTime();
    byte[] body = connection.call(request, OK);
    double millis = millisSince(begun);
    String answer = new String(body, StandardCharsets.UTF_8);
    if (!answer.contains(word)) {
      throw new IllegalStateException("no " + word + " in " + answer);
    }
    return millis;
  }

  private static double millisSince(long begun) {
    return (System.nanoTime() - begun) / 1e6;
  }
}
