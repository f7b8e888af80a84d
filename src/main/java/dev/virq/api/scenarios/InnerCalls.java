package dev.virq.api.scenarios;

import dev.virq.api.http.LifeHeaders;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.DispatcherServlet;

/**
 * Calls of the API within a call, on its thread: each goes the way of a request, from the check of
 * its query to the table of errors, but not over the network, and in the turn of the outer one.
 * That was admitted to the sandbox, and nothing else may be called.
 */
@Component
final class InnerCalls {
  private final ObjectProvider<DispatcherServlet> servlet;

  InnerCalls(ObjectProvider<DispatcherServlet> servlet) {
    this.servlet = servlet;
  }

  /**
   * What was answered.
   *
   * @param status of HTTP
   * @param body as text
   * @param uid the life of the sandbox that answered
   */
  record Answer(int status, String body, @Nullable String uid) {}

  /**
   * Makes a call.
   *
   * @param outer the call within which it is made
   * @param target path and query
   * @param body JSON, or null
   * @param uid the life of the sandbox that it is meant for; null for one that it makes
   */
  Answer call(
      HttpServletRequest outer,
      HttpServletResponse response,
      String method,
      String target,
      @Nullable String body,
      @Nullable String uid) {
    InnerRequest request =
        new InnerRequest(
            outer,
            method,
            target,
            body == null ? null : body.getBytes(StandardCharsets.UTF_8),
            uid == null ? null : LifeHeaders.etag(uid));
    InnerResponse answer = new InnerResponse(response);
    try {
      servlet.getObject().service(request, answer);
    } catch (ServletException | IOException e) {
      throw new IllegalStateException("call of " + target + " within another failed", e);
    }
    return new Answer(answer.getStatus(), answer.text(), answer.getHeader(LifeHeaders.UID));
  }
}
