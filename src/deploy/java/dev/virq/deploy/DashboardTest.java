package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The dashboard: complete, readable, tied to no installation. */
class DashboardTest {
  private final JsonNode dashboard = Expressions.dashboard();

  @Test
  void panelsShowWhatADemonstrationNeeds() {
    assertThat(dashboard.path("panels").findValuesAsText("title"))
        .contains(
            "Signals by outcome",
            "Injections",
            "Grace periods",
            "Grace-period quantiles",
            "Held threads",
            "Sandboxes",
            "Heap");
    assertThat(panel("Grace periods").path("type").asText()).isEqualTo("heatmap");
    assertThat(panel("Grace periods").at("/targets/0/format").asText()).isEqualTo("heatmap");
    assertThat(panel("Grace-period quantiles").at("/targets").findValuesAsText("legendFormat"))
        .containsExactly("p50", "p90", "p99", "oldest running");
  }

  @Test
  void everyPanelSaysWhatItShowsInWhatUnitAndFromTheChosenSource() {
    for (JsonNode panel : dashboard.path("panels")) {
      if (panel.path("type").asText().equals("row")) {
        continue;
      }
      assertThat(panel.path("description").asText()).as(panel.toString()).endsWith(".");
      assertThat(panel.toString()).contains("\"unit\":");
      assertThat(panel.path("targets")).isNotEmpty();
      assertThat(panel.findValues("datasource"))
          .allMatch(source -> source.path("uid").asText().equals("${datasource}"));
    }
  }

  @Test
  void everyQueryFollowsTheVariables() {
    String following =
        "\\w+\\{namespace=~\"\\$namespace\",pod=~\"\\$pod\",instance=~\"\\$instance\"[^}]*}";
    Expressions.ofTheDashboard()
        .forEach((where, expression) -> {
          if (where.startsWith("panel")) {
            String rest = expression.replaceAll(following, "1");
            assertThat(rest).as(where).isNotEqualTo(expression);
            assertThat(PromQl.selectors(rest)).as("%s: %s", where, expression).isEmpty();
          }
        });
    assertThat(dashboard.at("/templating/list").findValuesAsText("name"))
        .contains("datasource", "namespace", "pod", "instance");
  }

  @Test
  void panelsDoNotOverlapAndIdsAreUnique() {
    List<String> cells = new ArrayList<>();
    for (JsonNode panel : dashboard.path("panels")) {
      JsonNode place = panel.path("gridPos");
      for (int x = 0; x < place.path("w").asInt(); x++) {
        for (int y = 0; y < place.path("h").asInt(); y++) {
          cells.add((place.path("x").asInt() + x) + ":" + (place.path("y").asInt() + y));
        }
      }
      assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
    }
    assertThat(cells).doesNotHaveDuplicates();
    List<String> ids = new ArrayList<>();
    dashboard.path("panels").forEach(panel -> ids.add(panel.path("id").asText()));
    assertThat(ids).doesNotHaveDuplicates();
  }

  private JsonNode panel(String title) {
    for (JsonNode panel : dashboard.path("panels")) {
      if (panel.path("title").asText().equals(title)
          && !panel.path("type").asText().equals("row")) {
        return panel;
      }
    }
    throw new AssertionError(title);
  }
}
