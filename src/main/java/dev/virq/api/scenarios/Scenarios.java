package dev.virq.api.scenarios;

import dev.virq.api.http.Params;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The scenarios that there are, one a file. A file that is none ends the start. */
@Component
final class Scenarios {
  private static final String FILES = "classpath*:scenarios/*.yaml";

  /** More would make a run too long to look at, and to keep. */
  static final int MOST_STEPS = 40;

  /** More would make a step too long to wait for. */
  static final int MOST_TIMES = 100;

  private final Map<String, Scenario> byName = new TreeMap<>();

  Scenarios() throws IOException {
    for (Resource file : new PathMatchingResourcePatternResolver().getResources(FILES)) {
      Scenario scenario = read(file);
      byName.put(scenario.name(), scenario);
    }
  }

  /** All, by name. */
  Collection<Scenario> all() {
    return byName.values();
  }

  /** The one of that name; ENOENT when there is none. */
  Scenario find(String name) {
    Scenario scenario = byName.get(name);
    if (scenario == null) {
      throw new ErrnoException(Errno.ENOENT, "scenario \"" + Params.shown(name) + "\" is unknown");
    }
    return scenario;
  }

  private static Scenario read(Resource file) throws IOException {
    String name = String.valueOf(file.getFilename()).replaceFirst("\\.yaml$", "");
    try (InputStream in = file.getInputStream()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Object parsed = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
      return scenario(name, map(parsed, "the file"));
    } catch (RuntimeException e) {
      throw new IllegalStateException("scenario " + name + ": " + e.getMessage(), e);
    }
  }

  private static Scenario scenario(String name, Map<String, Object> members) {
    List<Scenario.Step> steps = new ArrayList<>();
    for (Object one : list(members.get("steps"))) {
      steps.add(step(steps.size() + 1, map(one, "a step")));
    }
    if (steps.isEmpty() || steps.size() > MOST_STEPS) {
      throw new IllegalArgumentException(steps.size() + " steps are not 1.." + MOST_STEPS);
    }
    if (steps.getFirst().part() == null && steps.stream().anyMatch(step -> step.part() != null)) {
      throw new IllegalArgumentException("step 1 is in no part, and others are");
    }
    return new Scenario(
        name,
        text(members, "title"),
        text(members, "shows"),
        list(members.get("marks")).stream().map(String::valueOf).toList(),
        list(members.get("sources")).stream().map(String::valueOf).toList(),
        List.copyOf(steps));
  }

  private static Scenario.Step step(int n, Map<String, Object> members) {
    requireKnown(
        members,
        "step " + n,
        List.of("part", "text", "mark", "call", "body", "times", "expect", "keep", "always"));
    String[] call = text(members, "call").split(" ", 2);
    if (call.length != 2 || !(call[1].startsWith("{S}") || call[1].startsWith("{T}"))) {
      throw new IllegalArgumentException(
          "the call of step " + n + " is not a method and a path that begins with {S} or {T}");
    }
    Map<String, String> keep = new TreeMap<>();
    map(members.getOrDefault("keep", Map.of()), "keep")
        .forEach((name, pointer) -> keep.put(name, String.valueOf(pointer)));
    Object mark = members.get("mark");
    return new Scenario.Step(
        n,
        text(members, "text"),
        mark == null ? null : mark.toString(),
        new Scenario.Call(call[0], call[1], members.get("body")),
        times(n, members.get("times")),
        map(members.getOrDefault("expect", Map.of()), "expect"),
        keep.isEmpty() ? null : keep,
        Boolean.TRUE.equals(members.get("always")) ? Boolean.TRUE : null,
        members.containsKey("part") ? part(n, map(members.get("part"), "part")) : null);
  }

  private static @Nullable Integer times(int n, @Nullable Object times) {
    if (times == null) {
      return null;
    }
    if (times instanceof Integer number && number >= 2 && number <= MOST_TIMES) {
      return number;
    }
    throw new IllegalArgumentException(
        "step " + n + " is taken " + times + " times, not 2.." + MOST_TIMES);
  }

  private static Scenario.Part part(int n, Map<String, Object> members) {
    requireKnown(members, "the part at step " + n, List.of("name", "title", "text", "code"));
    return new Scenario.Part(
        text(members, "name"),
        text(members, "title"),
        text(members, "text"),
        list(members.get("code")).stream().map(String::valueOf).toList());
  }

  private static void requireKnown(Map<String, Object> members, String what, List<String> allowed) {
    for (String member : members.keySet()) {
      if (!allowed.contains(member)) {
        throw new IllegalArgumentException(what + " has the unknown member " + member);
      }
    }
  }

  private static String text(Map<String, Object> members, String name) {
    if (members.get(name) instanceof String text && !text.isBlank()) {
      return text.strip();
    }
    throw new IllegalArgumentException("no text for " + name);
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  private static Map<String, Object> map(@Nullable Object value, String what) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(what + " is no mapping");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    map.forEach((name, one) -> members.put(String.valueOf(name), one));
    return members;
  }
}
