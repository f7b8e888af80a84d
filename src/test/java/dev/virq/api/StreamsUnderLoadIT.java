package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.api.EventReader.Block;
import dev.virq.testing.Call;
import io.restassured.response.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What readers of event streams get while signals and closes go on is the log, event for event,
 * whether they read at once, hardly ever, or come back again and again; and what they do not get
 * they are told of exactly.
 *
 * <p>The load goes on in rounds. After each one the log is read as pages, before anything of it is
 * overwritten: that is what the streams are held against. {@code -Dvirq.streams.seconds=1200
 * -Dvirq.streams.readers=50} is the size at which it was accepted.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamsUnderLoadIT extends OverHttp {
  private static final JsonMapper JSON = new JsonMapper();

  /** So few that readers who are away for {@link #AWAY} rounds have missed something. */
  private static final int KEPT = 256;

  private static final int AWAY = 8;
  private static final int EVENTFDS = 4;
  private static final int LEAST_ROUNDS = 3 * AWAY;
  private static final int READERS = Integer.getInteger("virq.streams.readers", 12);
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("virq.streams.seconds", 0));

  /** The log as pages tell it: what each event says, by its number, in 32 bits. */
  private static final class Log {
    @GuardedBy("this")
    private int[] events = new int[1024];

    @GuardedBy("this")
    private int newest;

    synchronized void add(JsonNode event) {
      assertThat(event.get("seq").asLong()).isEqualTo(newest + 1L);
      if (newest == events.length) {
        events = Arrays.copyOf(events, events.length * 2);
      }
      events[newest++] = event.toString().hashCode();
    }

    synchronized long newest() {
      return newest;
    }

    synchronized boolean has(long seq, int hash) {
      return events[(int) seq - 1] == hash;
    }
  }

  private record Read(long seq, int hash) {}

  /** Follows the events, and finds that they are those of the log, as far as that is read. */
  private final class Reader {
    private final Log log;
    private final String path;

    /** How many events it reads before it leaves, and comes back. */
    private final int stay;

    /** How often it may still come. */
    private final Semaphore visits;

    /** How many events it may still read. */
    private final Semaphore reads;

    private final ArrayDeque<Read> unproven = new ArrayDeque<>();
    private long known;
    private int gaps;
    private int visited;

    Reader(Log log, String path, int stay, Semaphore visits, Semaphore reads) {
      this.log = log;
      this.path = path;
      this.stay = stay;
      this.visits = visits;
      this.reads = reads;
    }

    /** Until it has the event that ends the test. */
    Reader readAll() throws Exception {
      boolean over = false;
      while (!over) {
        visits.acquire();
        visited++;
        over = visit();
      }
      return this;
    }

    /** When all of the log is read. */
    void proveAll() {
      prove();
      assertThat(unproven).as("what no page has told").isEmpty();
      assertThat(known).isEqualTo(log.newest());
    }

    private boolean visit() throws Exception {
      String last = known == 0 ? null : Long.toString(known);
      try (EventReader stream = new EventReader(port, path, last)) {
        if (stream.status() == 409) {
          // Those who have left keep their places until that is noticed: it comes again.
          return false;
        }
        assertThat(stream.status()).isEqualTo(200);
        for (int i = 0; i < stay; i++) {
          reads.acquire();
          Block block = stream.next();
          if (block == null) {
            return false;
          }
          if (take(block)) {
            return true;
          }
        }
      } catch (IOException e) {
        // Who takes nothing for long is let go, and comes back.
      }
      return false;
    }

    private boolean take(Block block) {
      if ("gap".equals(block.type())) {
        long to = block.data().get("to").asLong();
        assertThat(block.data().get("from").asLong()).as("first that is gone").isEqualTo(known + 1);
        assertThat(to).as("last that is gone").isGreaterThan(known);
        assertThat(block.id()).isEqualTo(Long.toString(to));
        gaps++;
        known = to;
        return false;
      }
      assertThat(block.seq()).as("number after %d", known).isEqualTo(known + 1);
      known = block.seq();
      unproven.add(new Read(known, block.data().toString().hashCode()));
      prove();
      return "sandbox-reset".equals(block.type());
    }

    private void prove() {
      long newest = log.newest();
      while (!unproven.isEmpty() && unproven.peek().seq() <= newest) {
        Read read = unproven.remove();
        assertThat(log.has(read.seq(), read.hash())).as("event %d", read.seq()).isTrue();
      }
    }
  }

  private void readPages(Log log, String in) {
    while (true) {
      Response answer = call().get(in + "/events?pageSize=1000&onGap=fail&after=" + log.newest());
      assertThat(answer.statusCode()).as("the log is read before it is overwritten").isEqualTo(200);
      JsonNode page = JSON.readTree(answer.asString());
      page.get("items").forEach(log::add);
      if (page.get("next").asLong() == page.get("newest").asLong()) {
        return;
      }
    }
  }

  /** Signals, a bind and its close, at once. */
  private void round(String in) {
    String writes =
        Stream.iterate(1, i -> i + 1)
            .limit(EVENTFDS)
            .map(i -> "{\"eventfd\":\"efd-" + i + "\",\"repeat\":5}")
            .toList()
            .toString();
    Call<Response> bulk =
        Call.start(() ->
            call("{\"items\":" + writes + ",\"wait\":\"settled\",\"timeout\":\"PT60S\"}")
                .post(in + "/signals"));
    String made = call("{}").post(in + "/eventfds").path("id");
    call("{\"eventfd\":\"" + made + "\",\"gsi\":6}")
        .post(in + "/vms/vm-1/irqfds")
        .then()
        .statusCode(201);
    call().post(in + "/eventfds/" + made + "/signal?wait=none").then().statusCode(200);
    call().delete(in + "/eventfds/" + made + "?timeout=PT60S").then().statusCode(200);
    assertThat(bulk.get().statusCode()).isEqualTo(200);
    call("{\"for\":\"settled\",\"timeout\":\"PT60S\"}").post(in + "/wait").then().statusCode(200);
  }

  @Test
  void everyReaderGetsTheLog() throws Exception {
    String in = sandbox + "-log";
    call("{\"limits\":{\"events\":" + KEPT + "}}").put(in).then().statusCode(201);
    call("{}").post(in + "/vms").then().statusCode(201);
    for (int i = 1; i <= EVENTFDS; i++) {
      call("{}").post(in + "/eventfds").then().statusCode(201);
      call("{\"eventfd\":\"efd-" + i + "\",\"gsi\":5}")
          .post(in + "/vms/vm-1/irqfds")
          .then()
          .statusCode(201);
    }
    Log log = new Log();
    readPages(log, in);
    Random random = new Random(7);
    Semaphore always = new Semaphore(Integer.MAX_VALUE);
    Semaphore away = new Semaphore(0);
    Semaphore slow = new Semaphore(0);
    List<Call<Reader>> calls = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      String path = in + "/events";
      Reader reader =
          switch (i % 4) {
            case 0 -> new Reader(log, path, Integer.MAX_VALUE, always, always);
            case 1 -> new Reader(log, path, 1 + random.nextInt(60), always, always);
            case 2 -> new Reader(log, path, 1 + random.nextInt(60), away, always);
            default -> new Reader(log, path, Integer.MAX_VALUE, always, slow);
          };
      calls.add(Call.start(reader::readAll));
    }

    long end = System.nanoTime() + LENGTH.toNanos();
    for (int done = 1; done <= LEAST_ROUNDS || System.nanoTime() < end; done++) {
      round(in);
      readPages(log, in);
      slow.release(READERS);
      if (done % AWAY == 0) {
        away.release(READERS);
      }
    }
    // Its event is the last one: the log goes on over a reset.
    call("{}").post(in + "/reset").then().statusCode(200);
    readPages(log, in);
    away.release(Integer.MAX_VALUE / 2);
    slow.release(Integer.MAX_VALUE / 2);

    List<Reader> readers = calls.stream().map(Call::get).toList();
    readers.forEach(Reader::proveAll);
    assertThat(readers).as("readers that came back").anyMatch(reader -> reader.visited > 2);
    assertThat(readers).as("readers that missed something").anyMatch(reader -> reader.gaps > 0);
    call().delete(in).then().statusCode(200);
  }
}
