package dev.virq.api.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class KeptDocumentTest {
  private final KeptDocument filter = new KeptDocument();
  private final AtomicInteger written = new AtomicInteger();

  private MockHttpServletResponse get(String path, String query, int status) throws Exception {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
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

  @Test
  void yamlIsWrittenOnce() throws Exception {
    MockHttpServletResponse first = get("/v3/api-docs.yaml", null, 200);
    MockHttpServletResponse second = get("/v3/api-docs.yaml", null, 200);

    assertThat(first.getContentAsString()).isEqualTo("document 1");
    assertThat(second.getContentAsString()).isEqualTo("document 1");
    assertThat(second.getContentType()).isEqualTo(first.getContentType());
  }

  @Test
  void refusalIsNotKept() throws Exception {
    assertThat(get("/v3/api-docs.yaml", null, 503).getStatus()).isEqualTo(503);
    assertThat(get("/v3/api-docs.yaml", null, 200).getContentAsString()).isEqualTo("document 2");
  }

  @Test
  void nothingElseIsKept() throws Exception {
    get("/v3/api-docs", "x=1", 200);
    get("/v1", null, 200);

    assertThat(get("/v1", null, 200).getContentAsString()).isEqualTo("document 3");
    assertThat(get("/v3/api-docs", "x=1", 200).getContentAsString()).isEqualTo("document 4");
  }
}
