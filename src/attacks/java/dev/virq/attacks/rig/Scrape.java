package dev.virq.attacks.rig;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** One answer of the metrics endpoint, the samples of one name added up. */
public final class Scrape {
  private final Map<String, Double> sums;

  private Scrape(Map<String, Double> sums) {
    this.sums = sums;
  }

  /** Asks for one. */
  public static Scrape of(Client management) throws IOException {
    Answer answer = management.get("/actuator/prometheus");
    if (!answer.ok()) {
      throw new IOException("metrics: " + answer.shown());
    }
    return parse(answer.text());
  }

  static Scrape parse(String text) {
    Map<String, Double> sums = new HashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(line -> {
          String name = line.split("[{ ]", 2)[0];
          sums.merge(name, Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)), Double::sum);
        });
    return new Scrape(sums);
  }

  /** The value, over all tags; 0 when there is none. */
  public long value(String name) {
    return sums.getOrDefault(name, 0.0).longValue();
  }

  /** Accepted signals less those that have an outcome or wait for one: 0 by the law. */
  public long lawDifference() {
    return value("irqfd_signals_accepted_total")
        - value("irqfd_signals_total")
        - value("irqfd_signals_pending");
  }
}
