package dev.virq.attacks;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Connection;
import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Pace;
import dev.virq.attacks.rig.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What an attack has to work with: an instance, a size, and a time that ends. */
final class Ground {
  /** The sandboxes of the attacker begin so; the victim's does not. */
  static final String PREFIX = "/v1/sandboxes/attack-";

  private static final String LONG_LEASE = "{\"ttl\":\"PT1H\"}";
  private static final long LEAST_MILLIS = 200;
  private static final long END_NANOS = Duration.ofSeconds(20).toNanos();

  private final Instance instance;
  private final long deadline;
  private final Tally tally = new Tally();

  Ground(Instance instance, Duration longest) {
    this.instance = instance;
    this.deadline = System.nanoTime() + longest.toNanos();
  }

  /** What one of several attackers does. */
  interface Part {
    void run(Client client, int index) throws IOException, InterruptedException;
  }

  /** The number for the size that this run has. */
  static int size(int small, int full) {
    return Settings.FULL ? full : small;
  }

  /** Whether the attack has to end. */
  boolean over() {
    return System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted();
  }

  /** Waits for the end of the attack. */
  void hold() {
    Pace.until(deadline);
  }

  int port() {
    return instance.port();
  }

  int managementPort() {
    return instance.managementPort();
  }

  Tally tally() {
    return tally;
  }

  /** Notes an answer that must not be. */
  void require(boolean fine, String otherwise) {
    if (!fine) {
      tally.fault(otherwise);
    }
  }

  /** A client of the API that waits for no answer beyond the end. */
  Client client() {
    return client(instance.port());
  }

  /** A client of another port. */
  Client client(int port) {
    return new Client(port, this::millisLeft, tally::add);
  }

  /** A connection to be used in any way. */
  Connection connection() throws IOException {
    return Connection.open(instance.port(), millisLeft());
  }

  private int millisLeft() {
    return (int) Math.max(LEAST_MILLIS, (deadline - System.nanoTime()) / 1_000_000);
  }

  /** Makes a sandbox that outlives the attack, and says where it is. */
  static String sandbox(Client client, String name) throws IOException {
    return sandbox(client, name, LONG_LEASE);
  }

  /** The same, asked for in other words. */
  static String sandbox(Client client, String name, String json) throws IOException {
    Answer _ = client.put(PREFIX + name, json);
    return PREFIX + name;
  }

  /** A sandbox with vm-1, efd-1 as descriptor 3, and irqfd-1 between it and line 5. */
  static String bound(Client client, String name, String json) throws IOException {
    String sandbox = sandbox(client, name, json);
    Answer _ = client.post(sandbox + "/vms", "{}");
    Answer _ = client.post(sandbox + "/eventfds", "{}");
    Answer _ = client.post(sandbox + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}");
    return sandbox;
  }

  static String bound(Client client, String name) throws IOException {
    return bound(client, name, LONG_LEASE);
  }

  /** Has so many attackers at work at once, each on a connection of its own, and waits for all. */
  void together(int attackers, Part part) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    IntStream.range(0, attackers)
        .forEach(i -> threads.add(Thread.ofVirtual().start(() -> attack(part, i))));
    for (Thread thread : threads) {
      boolean _ = thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
    // Interrupted at a socket, a virtual thread closes it and goes on.
    threads.forEach(Thread::interrupt);
    long last = System.nanoTime() + END_NANOS;
    for (Thread thread : threads) {
      if (!thread.join(Duration.ofNanos(Math.max(1, last - System.nanoTime())))) {
        throw new IllegalStateException("an attacker does not end: " + thread);
      }
    }
  }

  private void attack(Part part, int index) {
    try (Client client = client()) {
      part.run(client, index);
    } catch (IOException e) {
      tally.add(e);
    } catch (InterruptedException e) {
      // The end of the attack.
    }
  }

  /** Has so many clients run the same script over and over, in so many sandboxes. */
  void scripts(int clients, String name, int sandboxes, String text) throws InterruptedException {
    untilTheEnd(
        clients,
        (client, i) -> {
          Answer _ = client.script(sandbox(client, name + "-" + i % sandboxes), text);
        });
  }

  /** Has them do so over and over, until the end; one whose connection is lost opens another. */
  void untilTheEnd(int attackers, Part part) throws InterruptedException {
    together(
        attackers,
        (client, index) -> {
          while (!over()) {
            try {
              part.run(client, index);
            } catch (IOException e) {
              tally.add(e);
              client.close();
              // Refused at once, it would spin.
              Pace.until(System.nanoTime() + 1_000_000);
            }
          }
        });
  }
}
