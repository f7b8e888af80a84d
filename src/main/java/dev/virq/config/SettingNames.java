package dev.virq.config;

import dev.virq.errno.NearestName;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The names of all settings, taken from the record that they are bound to. A name is compared as
 * Spring binds it: dashes and case do not count.
 */
final class SettingNames {
  private static final int SLIP = 2;

  private final List<String> names = new ArrayList<>();

  /** Settings of maps and lists: whatever stands below them is one. */
  private final List<ConfigurationPropertyName> open = new ArrayList<>();

  /** The settings below a prefix that a record takes. */
  static SettingNames of(String prefix, Class<?> settings) {
    SettingNames all = new SettingNames();
    all.add(prefix, settings);
    return all;
  }

  private void add(String prefix, Class<?> settings) {
    for (RecordComponent component : settings.getRecordComponents()) {
      String name = prefix + "." + DataObjectPropertyName.toDashedForm(component.getName());
      Class<?> type = component.getType();
      if (type.isRecord()) {
        add(name, type);
        continue;
      }
      names.add(name);
      if (Map.class.isAssignableFrom(type) || Iterable.class.isAssignableFrom(type)) {
        open.add(ConfigurationPropertyName.of(name));
      }
    }
  }

  /** Whether Spring would bind the name. */
  boolean contains(ConfigurationPropertyName name) {
    return names.stream().map(ConfigurationPropertyName::of).anyMatch(name::equals)
        || open.stream().anyMatch(one -> one.isAncestorOf(name));
  }

  /**
   * Whether Spring would bind the variable: dashes are left out of it, or written as underscores.
   */
  boolean containsVariable(String variable) {
    String upper = variable.toUpperCase(Locale.ROOT);
    return names.stream()
            .anyMatch(name ->
                upper.equals(variable(name)) || upper.equals(variable(name.replace("-", ""))))
        || open.stream()
            .map(name -> variable(name.toString()))
            .anyMatch(name -> upper.startsWith(name + "_"));
  }

  /** The variable of the environment that stands for a setting. */
  static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The setting that was most likely meant. */
  String nearest(String wrong) {
    return NearestName.of(wrong, names);
  }

  /** Whether the name is so near to a setting that hardly anything else was meant. */
  boolean isSlip(String wrong) {
    return NearestName.edits(wrong.toLowerCase(Locale.ROOT), nearest(wrong)) <= SLIP;
  }
}
