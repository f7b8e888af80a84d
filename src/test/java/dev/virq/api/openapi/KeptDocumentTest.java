package dev.virq.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.core.util.Json;
import io.swagger.v3.core.util.Yaml;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.ClassPathResource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class KeptDocumentTest {
  private final MockEnvironment settings =
      new MockEnvironment().withProperty("springdoc.api-docs.version", "openapi_3_0");
  private KeptDocument filter = new KeptDocument(settings);
  private final AtomicInteger written = new AtomicInteger();

  private MockHttpServletResponse get(String path, String query, int status) throws Exception {
    return answer("GET", path, query, status);
  }

  private MockHttpServletResponse answer(String method, String path, String query, int status)
      throws Exception {
    MockHttpServletRequest request = new MockHttpServletRequest(method, path);
    request.setServletPath(path);
    request.setQueryString(query);
    MockHttpServletResponse response = new MockHttpServletResponse();
    FilterChain document =
        (_, answer) -> {
          ((HttpServletResponse) answer).setStatus(status);
          answer.setContentType("application/json");
          answer.getOutputStream().print("document " + written.incrementAndGet());
        };
    filter.doFilter(request, response, document);
    return response;
  }

  @Test
  void committedDocumentIsAnsweredWithoutMakingOne() throws Exception {
    MockHttpServletResponse first = get("/v3/api-docs", null, 200);
    MockHttpServletResponse second = get("/v3/api-docs", null, 200);

    assertThat(written).hasValue(0);
    assertThat(first.getContentType()).isEqualTo("application/json");
    assertThat(first.getContentAsString()).startsWith("{\"openapi\":\"3.0.1\",");
    assertThat(second.getContentAsString()).isEqualTo(first.getContentAsString());
    assertThat(first.getContentLength()).isEqualTo(first.getContentAsByteArray().length);
  }

  /** What the program is packed with: a setting there is no wish for another document. */
  @Test
  void programsOwnSettingsAreThoseOfTheCommittedDocument() throws Exception {
    MockEnvironment packed = new MockEnvironment();
    new YamlPropertySourceLoader()
        .load("packed", new ClassPathResource("application.yaml"))
        .forEach(packed.getPropertySources()::addLast);
    assertThat(packed.getProperty("springdoc.packages-to-scan")).isEqualTo("dev.virq.api");
    filter = new KeptDocument(packed);

    get("/v3/api-docs", null, 200);

    assertThat(written).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource({
    "springdoc.packages-to-scan, dev.virq.api.chip",
    "springdoc.paths-to-match[0], /v1/**",
    "springdoc.api-docs.version, openapi_3_1"
  })
  void aDocumentThatIsSetToBeAnotherIsMadeOnce(String setting, String value) throws Exception {
    filter = new KeptDocument(settings.withProperty(setting, value));

    assertThat(get("/v3/api-docs", null, 200).getContentAsString()).isEqualTo("document 1");
    assertThat(get("/v3/api-docs", "x", 200).getContentAsString()).isEqualTo("document 1");
  }

  @Test
  void committedDocumentIsAnsweredInYamlToo() throws Exception {
    MockHttpServletResponse yaml = get("/v3/api-docs.yaml", null, 200);

    assertThat(written).hasValue(0);
    assertThat(yaml.getContentType()).isEqualTo("application/vnd.oai.openapi");
    assertThat(yaml.getContentAsString()).startsWith("openapi: 3.0.1\ninfo:\n");
    assertThat(Yaml.mapper().readTree(yaml.getContentAsByteArray()))
        .isEqualTo(Json.mapper().readTree(get("/v3/api-docs", null, 200).getContentAsByteArray()));
  }

  /** Springdoc is set to make another document. */
  private void setOtherwise() {
    filter = new KeptDocument(settings.withProperty("springdoc.paths-to-match", "/v1/**"));
  }

  @Test
  void yamlThatIsMadeIsWrittenOnce() throws Exception {
    setOtherwise();
    MockHttpServletResponse first = get("/v3/api-docs.yaml", null, 200);
    MockHttpServletResponse second = get("/v3/api-docs.yaml", null, 200);

    assertThat(first.getContentAsString()).isEqualTo("document 1");
    assertThat(second.getContentAsString()).isEqualTo("document 1");
    assertThat(second.getContentType()).isEqualTo(first.getContentType());
  }

  @Test
  void refusalIsNotKept() throws Exception {
    setOtherwise();
    assertThat(get("/v3/api-docs.yaml", null, 503).getStatus()).isEqualTo(503);
    assertThat(get("/v3/api-docs.yaml", null, 200).getContentAsString()).isEqualTo("document 2");
  }

  /** As many as there are queries, if each were made. */
  @Test
  void noQueryMakesAnotherDocument() throws Exception {
    MockHttpServletResponse json = get("/v3/api-docs", "x=1", 200);
    MockHttpServletResponse yaml = get("/v3/api-docs.yaml", "x=1", 200);

    assertThat(json.getContentAsString())
        .isEqualTo(get("/v3/api-docs", null, 200).getContentAsString());
    assertThat(get("/v3/api-docs.yaml", "y", 200).getContentAsString())
        .isEqualTo(yaml.getContentAsString());
    assertThat(written).hasValue(0);

    setOtherwise();
    get("/v3/api-docs.yaml", "x=1", 200);
    assertThat(get("/v3/api-docs.yaml", "y", 200).getContentAsString()).isEqualTo("document 1");
  }

  @Test
  void headIsAnsweredWithoutMakingOneAndNotKept() throws Exception {
    assertThat(answer("HEAD", "/v3/api-docs", null, 200).getContentLength())
        .isEqualTo(get("/v3/api-docs", null, 200).getContentLength());
    assertThat(written).hasValue(0);

    setOtherwise();
    answer("HEAD", "/v3/api-docs.yaml", null, 200);
    assertThat(get("/v3/api-docs.yaml", null, 200).getContentAsString()).isEqualTo("document 2");
  }

  @Test
  void nothingElseIsKept() throws Exception {
    get("/v1", null, 200);

    assertThat(get("/v1", null, 200).getContentAsString()).isEqualTo("document 2");
    assertThat(answer("POST", "/v3/api-docs", null, 405).getStatus()).isEqualTo(405);
  }

  @Test
  void whoSwitchesTheDocumentOffGetsNone() {
    ApplicationContextRunner context =
        new ApplicationContextRunner().withUserConfiguration(KeptDocument.class);

    context.run(one -> assertThat(one).hasSingleBean(KeptDocument.class));
    context
        .withPropertyValues("springdoc.api-docs.enabled=false")
        .run(one -> assertThat(one).doesNotHaveBean(KeptDocument.class));
  }
}
