package dev.virq.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.limits.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;

/** Names below virq that are no setting stop the start, wherever they are given. */
class SettingsCheckTest {
  private final StandardEnvironment environment = new StandardEnvironment();
  private final SettingNames settings = SettingNames.of("virq", VirqProperties.class);

  @BeforeEach
  void onlyTheDefaults() throws IOException {
    // As SpringApplication does: names of every source are asked in Spring's own form.
    ConfigurationPropertySources.attach(environment);
    sources().remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    new YamlPropertySourceLoader()
        .load("application.yaml", new ClassPathResource("application.yaml"))
        .forEach(sources()::addLast);
  }

  private MutablePropertySources sources() {
    return environment.getPropertySources();
  }

  private List<String> unknown() {
    return SettingsCheck.unknown(environment, settings);
  }

  private void variables(Map<String, Object> variables) {
    sources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
  }

  @Test
  void everySettingOfTheDocumentedFileIsOne() {
    assertThat(unknown()).isEmpty();
  }

  @Test
  void misspeltArgumentNamesTheNearestSetting() {
    sources()
        .addFirst(
            new SimpleCommandLinePropertySource(
                "--virq.worker=3", "--virq.limits.maxWait=PT2M", "--virq.workers=5"));

    assertThat(unknown())
        .containsExactly("virq.worker is not a setting; did you mean virq.workers?");
  }

  @Test
  void settingInTheWrongPlaceIsFoundByItsLastWord() {
    sources().addFirst(new SimpleCommandLinePropertySource("--virq.max-wait=PT3S"));

    assertThat(unknown())
        .containsExactly("virq.max-wait is not a setting; did you mean virq.limits.max-wait?");
  }

  @Test
  void misspeltVariableNamesTheNearestVariable() {
    variables(Map.of("VIRQ_LIMITS_MAX_WAITS", "PT1M", "VIRQUE", "1", "HOME", "/"));

    assertThat(unknown())
        .containsExactly(
            "VIRQ_LIMITS_MAX_WAITS is not a setting; did you mean VIRQ_LIMITS_MAX_WAIT?");
  }

  @Test
  void everySpellingThatSpringBindsIsASetting() {
    variables(Map.of("VIRQ_LIMITS_MAX_WAIT", "PT7S", "VIRQ_LIMITS_MAXHOLD", "PT8S"));

    assertThat(unknown()).isEmpty();
    Limits limits = Binder.get(environment).bind("virq.limits", Limits.class).get();
    assertThat(limits.maxWait()).isEqualTo(Duration.ofSeconds(7));
    assertThat(limits.maxHold()).isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void variablesOfAServiceOfThatNameAreNotTakenForSettings() {
    variables(
        Map.of(
            "VIRQ_SERVICE_HOST", "10.0.0.1",
            "VIRQ_SERVICE_PORT", "8080",
            "VIRQ_SERVICE_PORT_HTTP", "8080",
            "VIRQ_PORT", "tcp://10.0.0.1:8080",
            "VIRQ_PORT_8080_TCP_ADDR", "10.0.0.1",
            "VIRQ_HEADLESS_SERVICE_HOST", "10.0.0.2"));

    assertThat(unknown()).isEmpty();
  }

  @Test
  void variablesOfTheHelpersArePassedOverButTheTokenIsNot() {
    variables(
        Map.of(
            "VIRQ_URL", "http://127.0.0.1:8080",
            "VIRQ_JAR", "virq.jar",
            "VIRQ_JAVA", "java",
            "VIRQ_PREFIX", "team-",
            "VIRQ_TOKEN", "secret"));

    assertThat(unknown())
        .containsExactly("VIRQ_TOKEN is not a setting; did you mean VIRQ_ACCESS_TOKEN?");
  }

  @Test
  void misspeltSettingInAFileIsShownWithItsLine() throws IOException {
    new YamlPropertySourceLoader()
        .load(
            "mine",
            new ByteArrayResource(
                "virq:\n  nodes: a\n".getBytes(StandardCharsets.UTF_8), "mine.yaml"))
        .forEach(sources()::addFirst);

    assertThat(unknown())
        .singleElement()
        .asString()
        .startsWith("virq.nodes is not a setting; did you mean virq.node? It stands in ")
        .contains("mine.yaml")
        .endsWith("2:10.");
  }

  @Test
  void propertiesOfTheJvmAreSettingsOnlyWhenTheyLookLikeOne() {
    sources()
        .replace(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
            new MapPropertySource(
                StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
                Map.of("virq.workres", "3", "virq.somebody.elses", "4")));

    assertThat(unknown())
        .containsExactly("virq.workres is not a setting; did you mean virq.workers?");
  }
}
