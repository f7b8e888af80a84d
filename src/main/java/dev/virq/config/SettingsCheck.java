package dev.virq.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Stops the start at a name below {@code virq} that is no setting. Spring would bind the others and
 * run with a default in place of what was meant.
 */
final class SettingsCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("virq");
  private static final String VARIABLE_PREFIX = "VIRQ_";

  /**
   * What Kubernetes puts into every pod's environment for a Service whose name begins with virq,
   * unless the pod declines it.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "VIRQ(_\\w+)?_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_\\w+)?)?)");

  /**
   * What the helpers for tests read, in an environment that a server may be started in, too. Their
   * VIRQ_TOKEN is not among them: here it would be taken for virq.access.token, and open the door.
   */
  private static final Set<String> HELPERS =
      Set.of("VIRQ_URL", "VIRQ_JAR", "VIRQ_JAVA", "VIRQ_PREFIX");

  /** A name that is no setting. */
  static final class UnknownSetting extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownSetting(List<String> sentences) {
      super(String.join("\n", sentences));
    }
  }

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    List<String> unknown =
        unknown(context.getEnvironment(), SettingNames.of("virq", VirqProperties.class));
    if (!unknown.isEmpty()) {
      throw new UnknownSetting(unknown);
    }
  }

  /** A sentence for each name that is no setting, wherever it was given. */
  static List<String> unknown(ConfigurableEnvironment environment, SettingNames settings) {
    List<String> sentences = new ArrayList<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource variables) {
        addUnknown(variables, settings, sentences);
      } else if (source instanceof IterableConfigurationPropertySource names) {
        addUnknown(names, settings, sentences);
      }
    }
    return sentences;
  }

  private static void addUnknown(
      SystemEnvironmentPropertySource variables, SettingNames settings, List<String> sentences) {
    for (String variable : variables.getPropertyNames()) {
      String upper = variable.toUpperCase(Locale.ROOT);
      if (upper.startsWith(VARIABLE_PREFIX)
          && !settings.containsVariable(variable)
          && !HELPERS.contains(upper)
          && !SERVICE_LINK.matcher(upper).matches()) {
        String written = variable.toLowerCase(Locale.ROOT).replace('_', '.');
        String meant = SettingNames.variable(settings.nearest(written));
        sentences.add("%s is not a setting; did you mean %s?".formatted(variable, meant));
      }
    }
  }

  private static void addUnknown(
      IterableConfigurationPropertySource source, SettingNames settings, List<String> sentences) {
    // The JVM's properties belong to all that runs in it: there, only a slip is taken for one.
    boolean shared =
        source.getUnderlyingSource() instanceof EnumerablePropertySource<?> named
            && named.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
    source.stream()
        .filter(name -> PREFIX.isAncestorOf(name) && !settings.contains(name))
        .filter(name -> !shared || settings.isSlip(name.toString()))
        .map(name ->
            "%s is not a setting; did you mean %s?%s"
                .formatted(name, settings.nearest(name.toString()), place(source, name)))
        .forEach(sentences::add);
  }

  /** Where in a file it stands; an argument is found without. */
  private static String place(
      IterableConfigurationPropertySource source, ConfigurationPropertyName name) {
    Origin origin = Origin.from(source.getConfigurationProperty(name));
    Origin inner = origin instanceof PropertySourceOrigin found ? found.getOrigin() : origin;
    return inner instanceof TextResourceOrigin ? " It stands in " + inner + "." : "";
  }
}
