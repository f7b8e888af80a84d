package dev.virq.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.annotation.Configuration;

/** A start that fails at a setting says so in a sentence. */
class SettingFailuresTest {

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(VirqProperties.class)
  static class OnlySettings {}

  private static FailureAnalysis failure(String argument) {
    Throwable thrown =
        catchThrowable(() ->
            new SpringApplicationBuilder(OnlySettings.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "logging.level.root=OFF")
                .run(argument)
                .close());
    return new SettingFailures().analyze(thrown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --virq.workers=many      | virq.workers is "many", which is not a whole number in range
          --virq.workers=0         | virq.workers is "0" but must be greater than or equal to 1
          --virq.limits.vms=0      | virq.limits.vms is 0 but must be at least 1
          --virq.default-ttl=PT0S  | virq.default-ttl must be positive and at most limits.max-ttl
          --virq.default-ttl=5x    | virq.default-ttl is "5x", which is not a length of time such as PT10S
          --virq.max-body=much     | virq.max-body is "much", which is not a size in bytes such as 1MB
          --virq.default-sandbox=j | virq.default-sandbox is "j", which is not true or false
          --virq.worker=3          | virq.worker is not a setting; did you mean virq.workers?
          """)
  void sentenceNamesSettingAndValue(String argument, String sentence) {
    assertThat(failure(argument).getDescription()).isEqualTo(sentence);
  }

  @Test
  void otherFailuresAreLeftToOthers() {
    assertThat(new SettingFailures().analyze(new IllegalStateException("port in use"))).isNull();
  }
}
