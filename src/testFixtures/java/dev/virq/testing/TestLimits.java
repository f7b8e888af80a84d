package dev.virq.testing;

import dev.virq.limits.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;

/** Limits for tests: those of application.yaml, which has the only copy of the defaults. */
public final class TestLimits {
  private static final String PREFIX = "virq.limits";
  private static final Limits DEFAULTS = with(Map.of());

  private TestLimits() {}

  /** The defaults of the program. */
  public static Limits defaults() {
    return DEFAULTS;
  }

  /** The defaults but for some, which are named and written as in application.yaml. */
  public static Limits with(Map<String, ?> changes) {
    List<PropertySource<?>> sources = new ArrayList<>();
    for (String name : changes.keySet()) {
      sources.add(new MapPropertySource(name, Map.of(PREFIX + "." + name, changes.get(name))));
    }
    try {
      sources.addAll(
          new YamlPropertySourceLoader()
              .load("application.yaml", new ClassPathResource("application.yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Binder(ConfigurationPropertySources.from(sources)).bind(PREFIX, Limits.class).get();
  }
}
