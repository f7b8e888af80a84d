package dev.virq.fuzz;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What one client knows: its sandbox, and the ids and descriptors that answers have told, so that
 * requests reach objects that are there. Of one thread.
 */
final class Pools {
  private static final int MOST = 48;
  private static final Pattern ID = Pattern.compile("(vm|efd|irqfd|bp|sig)-[0-9]+");

  private final Random random;
  private final Map<String, List<String>> known = new HashMap<>();
  private String sandbox = "";

  Pools(Random random) {
    this.random = random;
  }

  /** Forgets the objects of the sandbox before. */
  void enter(String name) {
    sandbox = name;
    known.clear();
  }

  String sandbox() {
    return sandbox;
  }

  /** A known one of that kind, or one that may not be there. */
  String any(String kind) {
    List<String> all = known.getOrDefault(kind, List.of());
    if (all.isEmpty() || random.nextInt(10) == 0) {
      String number = Integer.toString(1 + random.nextInt(12));
      return kind.equals("fd") ? number : kind + "-" + number;
    }
    return all.get(random.nextInt(all.size()));
  }

  /** Takes every id and descriptor from a body. */
  void learn(JsonNode body) {
    if (body.isString()) {
      Matcher id = ID.matcher(body.asString());
      if (id.matches()) {
        add(id.group(1), id.group());
      }
    }
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      JsonNode value = member.getValue();
      if (member.getKey().equals("fd") && value.isIntegralNumber()) {
        add("fd", value.asString());
      }
      if (member.getKey().equals("fds")) {
        value.forEach(fd -> add("fd", fd.asString()));
      }
      if (member.getKey().equals("nextPageToken")) {
        add("token", value.asString());
      }
      learn(value);
    }
    if (body.isArray()) {
      body.forEach(this::learn);
    }
  }

  private void add(String kind, String one) {
    List<String> all = known.computeIfAbsent(kind, k -> new ArrayList<>());
    if (all.contains(one)) {
      return;
    }
    if (all.size() < MOST) {
      all.add(one);
    } else {
      all.set(random.nextInt(MOST), one);
    }
  }
}
