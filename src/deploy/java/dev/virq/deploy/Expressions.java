package dev.virq.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every expression that the dashboard and the alerts evaluate. */
final class Expressions {
  private Expressions() {}

  /** By panel, with the number of the query in it. */
  static Map<String, String> ofTheDashboard() {
    Map<String, String> expressions = new LinkedHashMap<>();
    for (JsonNode panel : dashboard().path("panels")) {
      int query = 0;
      for (JsonNode target : panel.path("targets")) {
        expressions.put(
            "panel %s, query %d".formatted(panel.path("title").asText(), ++query),
            target.path("expr").asText());
      }
    }
    for (JsonNode variable : dashboard().at("/templating/list")) {
      if (variable.path("type").asText().equals("query")) {
        String query = variable.at("/query/query").asText();
        expressions.put(
            "variable " + variable.path("name").asText(),
            query.replaceAll("label_values\\((\\w+),.*", "$1"));
      }
    }
    return expressions;
  }

  /** By alert. */
  static Map<String, String> ofTheAlerts() {
    Map<String, String> expressions = new LinkedHashMap<>();
    for (JsonNode rule : rules()) {
      expressions.put("alert " + rule.path("alert").asText(), rule.path("expr").asText());
    }
    return expressions;
  }

  /** The dashboard. */
  static JsonNode dashboard() {
    return Yaml.one(Metadata.file("dashboards/virq.json"));
  }

  /** The alerts. */
  static JsonNode rules() {
    return Yaml.one(Metadata.file("rules/virq.yaml")).at("/groups/0/rules");
  }
}
