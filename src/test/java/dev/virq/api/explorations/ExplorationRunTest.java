package dev.virq.api.explorations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.api.load.EndlessAnswer;
import dev.virq.explore.Exploration;
import dev.virq.explore.ProgramText;
import dev.virq.explore.Search;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.share.Turn;
import dev.virq.sync.Yield;
import dev.virq.testing.Call;
import dev.virq.testing.TestSandboxes;
import java.io.UnsupportedEncodingException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How an exploration shares its processor, and when it goes on no more. */
class ExplorationRunTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int RUNS = 50;

  private final Sandbox sandbox =
      new TestSandboxes().empty().create(new SandboxSpec("explored", null, 1, Map.of()));
  private final LongAdder runs = new LongAdder();
  private final AtomicBoolean draining = new AtomicBoolean();

  /** Counts the places where others could have run. */
  private static class CountedTurn implements Turn {
    final AtomicInteger steps = new AtomicInteger();

    @Override
    public void step() {
      steps.incrementAndGet();
      Yield.toAll();
    }

    @Override
    public void waiting(Runnable wait) {
      wait.run();
    }
  }

  private List<JsonNode> explore(Turn turn) throws UnsupportedEncodingException {
    MockHttpServletResponse response = new MockHttpServletResponse();
    Exploration exploration =
        new Exploration(
            ProgramText.parse("actor a:\n  eventfd_create e0 0\nactor b:\n  vm_create v0\n"),
            null,
            "test");
    Exploration.Plan plan = new Exploration.Plan(Search.RANDOM.strategy(0, 3, 0), 0, RUNS, false);
    boolean whole =
        Call.start(() ->
                EndlessAnswer.work(
                    response,
                    answer ->
                        new ExplorationRun(
                                sandbox,
                                draining::get,
                                runs,
                                JSON,
                                turn,
                                answer,
                                Long.MAX_VALUE / 2)
                            .run(exploration, plan)))
            .get();
    assertThat(whole).isTrue();
    return response.getContentAsString().lines().map(JSON::readTree).toList();
  }

  @Test
  void othersCanRunBeforeEachRun() throws Exception {
    CountedTurn turn = new CountedTurn();

    JsonNode verdict = explore(turn).getLast();

    assertThat(verdict.get("runs").asInt()).isEqualTo(RUNS);
    assertThat(turn.steps).hasValueGreaterThanOrEqualTo(RUNS);
    assertThat(runs.sum()).isEqualTo(RUNS);
  }

  @Test
  void drainEndsItBeforeTheNextRun() throws Exception {
    CountedTurn turn =
        new CountedTurn() {
          @Override
          public void step() {
            super.step();
            draining.set(steps.get() > 3);
          }
        };

    JsonNode verdict = explore(turn).getLast();

    assertThat(verdict.get("stopped").asString()).isEqualTo("drain");
    assertThat(verdict.get("runs").asInt()).isEqualTo(3);
  }

  @Test
  void endOfTheSandboxEndsItBeforeTheNextRun() throws Exception {
    CountedTurn turn =
        new CountedTurn() {
          @Override
          public void step() {
            super.step();
            if (steps.get() > 3) {
              sandbox.log().close();
            }
          }
        };

    JsonNode verdict = explore(turn).getLast();

    assertThat(verdict.get("stopped").asString()).isEqualTo("ended");
    assertThat(verdict.get("runs").asInt()).isEqualTo(3);
  }
}
