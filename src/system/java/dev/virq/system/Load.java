package dev.virq.system;

import dev.virq.system.Rest.Answer;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import tools.jackson.databind.node.MissingNode;

/**
 * Rigs that signal, each its own sandbox, and begin anew when they are told that it is gone. Notes
 * what each was answered. Ends by itself after a number of calls.
 */
final class Load {
  /**
   * Stands for no answer at all: where a server ends while it has a request that is not the first
   * of its client's connection, HAProxy closes that without a word.
   */
  static final int CLOSED = 0;

  /** No answer, for the connection was closed. */
  static Answer closed() {
    return new Answer(CLOSED, "", "", MissingNode.getInstance());
  }

  private static final int MOST_CALLS = 100_000;
  private static final int MOST_TRIES = 1_000;

  private final Fleet fleet;
  private final List<Client> clients;
  private final Map<String, String> epochs = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> acknowledged = new ConcurrentHashMap<>();
  private final CountDownLatch warm;
  private volatile boolean stop;

  Load(Fleet fleet, List<Rig> rigs) {
    this.fleet = fleet;
    this.clients = rigs.stream().map(Client::new).toList();
    this.warm = new CountDownLatch(rigs.size());
  }

  /** Returns when each of them has had signals acknowledged. */
  Load start() throws InterruptedException {
    for (Client client : clients) {
      epochs.put(client.rig.node(), client.rig.epoch());
      client.thread = Thread.ofVirtual().start(client);
    }
    if (!warm.await(2, TimeUnit.MINUTES)) {
      throw new AssertionError("no load within two minutes");
    }
    return this;
  }

  /** The epoch of each node when the load began. */
  Map<String, String> epochs() {
    return epochs;
  }

  /** Waits until everybody whose sandbox was on a node when that ended has begun anew. */
  void untilFelt(String node) throws InterruptedException {
    String epoch = epochs.get(node);
    for (Client client : clients) {
      synchronized (client) {
        while (client.rig.epoch().equals(epoch) && client.thread.isAlive()) {
          client.wait(1_000);
        }
      }
    }
  }

  /** Ends it; fails as its clients failed. */
  void stop() throws InterruptedException {
    stop = true;
    for (Client client : clients) {
      client.thread.join();
      if (client.failure != null) {
        throw new AssertionError(client.rig.path(), client.failure);
      }
    }
  }

  /** How many signals were acknowledged. */
  long acknowledged() {
    return acknowledged.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /** How many an instance acknowledged in one life. */
  long acknowledgedIn(String epoch) {
    return acknowledged.getOrDefault(epoch, new AtomicLong()).get();
  }

  /** How often those whose sandbox was on a node were refused, by status. */
  Map<Integer, Long> refusals(String node) {
    Map<Integer, Long> all = new TreeMap<>();
    clients.forEach(client ->
        client
            .refused
            .getOrDefault(node, Map.of())
            .forEach((status, n) -> all.merge(status, n, Long::sum)));
    return all;
  }

  /** The same for all nodes. */
  Map<String, Map<Integer, Long>> refusals() {
    Map<String, Map<Integer, Long>> all = new TreeMap<>();
    fleet.names().forEach(name -> all.put(name, refusals(name)));
    return all;
  }

  /** The refusals of those whose sandbox was on another node. */
  Map<String, Map<Integer, Long>> refusalsOfOthers(String node) {
    Map<String, Map<Integer, Long>> all = refusals();
    all.remove(node);
    all.values().removeIf(Map::isEmpty);
    return all;
  }

  /** How many have left a node's life and begun anew. */
  long begunAnew(String node) {
    return clients.stream().filter(client -> client.left.contains(epochs.get(node))).count();
  }

  /** One rig at work. */
  private final class Client implements Runnable {
    private final Rig rig;
    private final Map<String, Map<Integer, Long>> refused = new TreeMap<>();
    private final Set<String> left = ConcurrentHashMap.newKeySet();
    private Thread thread;
    private volatile Throwable failure;

    Client(Rig rig) {
      this.rig = rig;
    }

    @Override
    public void run() {
      try {
        for (int i = 0; i < MOST_CALLS && !stop; i++) {
          Answer answer = ask(rig::signal);
          // 202: written, and the wait for its outcome was ended by a stop.
          if (answer.status() == 200 || answer.status() == 202) {
            acknowledged.computeIfAbsent(answer.epoch(), e -> new AtomicLong()).incrementAndGet();
          } else {
            note(answer);
            // Anything else says nothing about the sandbox: the next call will.
            if (answer.status() == 404 || answer.status() == 412) {
              beginAnew();
            }
          }
          if (i == 5) {
            warm.countDown();
          }
        }
      } catch (Throwable e) {
        failure = e;
      }
    }

    /** The answer, or one with status {@link #CLOSED} when the connection was closed instead. */
    private static Answer ask(Supplier<Answer> call) {
      try {
        return call.get();
      } catch (UncheckedIOException e) {
        return closed();
      }
    }

    private void note(Answer answer) {
      refused
          .computeIfAbsent(rig.node(), node -> new TreeMap<>())
          .merge(answer.status(), 1L, Long::sum);
    }

    private synchronized void beginAnew() {
      String before = rig.epoch();
      int tries = 0;
      for (Answer answer = ask(rig::tryBegin);
          answer.status() != 201;
          answer = ask(rig::tryBegin)) {
        note(answer);
        if (++tries == MOST_TRIES) {
          throw new AssertionError("cannot begin anew: " + answer);
        }
        if (answer.status() == 412) {
          // From before it moved here and away again. Nobody else uses the name.
          var _ = ask(rig::remove);
        }
      }
      left.add(before);
      notifyAll();
    }
  }
}
