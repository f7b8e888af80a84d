package dev.virq.api.retry;

import dev.virq.api.http.ErrnoAdvice;
import dev.virq.api.http.LifeHeaders;
import dev.virq.api.http.Params;
import dev.virq.api.load.RequestBytes;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sandbox.KeptAnswers;
import dev.virq.sandbox.Sandboxes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Answers a POST that carries an Idempotency-Key once more, when it was made before. Other methods
 * may be sent again as they are, and the header says nothing there.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 16) // has its place among the calls: reading a body takes time
final class IdempotencyFilter extends OncePerRequestFilter {
  private static final String HEADER = "Idempotency-Key";
  private static final String REPLAYED = "Idempotency-Replayed";
  private static final String SANDBOXES = "/v1/sandboxes";
  private static final Pattern KEY = Pattern.compile("[ -~]{8,128}");

  /** Those that belong to a body, or tell whom it is about. */
  private static final List<String> KEPT =
      List.of(HttpHeaders.LOCATION, HttpHeaders.ETAG, LifeHeaders.UID);

  /** Refusals of a header, of a slow client, and of want of room. */
  private static final Set<Integer> PASSING =
      Stream.of(
              HttpStatus.NOT_ACCEPTABLE,
              HttpStatus.REQUEST_TIMEOUT,
              HttpStatus.PRECONDITION_FAILED,
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              HttpStatus.TOO_MANY_REQUESTS)
          .map(HttpStatus::value)
          .collect(Collectors.toUnmodifiableSet());

  private final Sandboxes sandboxes;
  private final HandlerExceptionResolver refusals;

  IdempotencyFilter(
      Sandboxes sandboxes,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    this.sandboxes = sandboxes;
    this.refusals = refusals;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getHeader(HEADER) == null
        || !HttpMethod.POST.matches(request.getMethod())
        || !request.getServletPath().startsWith(SANDBOXES);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    KeptAnswers answers;
    KeptAnswers.@Nullable Answer before;
    RereadRequest reread;
    String key;
    try {
      key = key(request);
      answers = answers(request);
      if (answers == null) {
        // It is answered by whoever answers without a key.
        chain.doFilter(request, response);
        return;
      }
      // For the copies of body and answer: afterwards nothing can be refused any more.
      RequestBytes.charge(KeptAnswers.LONGEST);
      reread = new RereadRequest(request);
      before = answers.begin(key, digest(request, reread.body()));
    } catch (ErrnoException | IOException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    if (before == null) {
      make(reread, response, chain, answers, key);
    } else {
      replay(before, request, response);
    }
  }

  private static String key(HttpServletRequest request) {
    List<String> keys = Collections.list(request.getHeaders(HEADER));
    if (keys.size() > 1) {
      throw Params.invalid("header Idempotency-Key is given %d times".formatted(keys.size()));
    }
    String key = keys.getFirst();
    if (!KEY.matcher(key).matches()) {
      throw Params.invalid(
          "Idempotency-Key \"%s\" is not 8 to 128 printable ASCII characters long"
              .formatted(Params.shown(key)));
    }
    String type = request.getContentType();
    if (type != null && type.startsWith(MediaType.APPLICATION_NDJSON_VALUE)) {
      throw Params.invalid(
          "Idempotency-Key is not taken with application/x-ndjson: each line is written as it"
              + " arrives, before it can be told whether the lines are those of a call before; send"
              + " application/json");
    }
    return key;
  }

  /**
   * Of the sandbox that the path names, its lease renewed; null when there is none. A call that is
   * meant for another life of it is refused, whatever was answered in this one.
   */
  private @Nullable KeptAnswers answers(HttpServletRequest request) {
    String path = request.getServletPath();
    int begin = SANDBOXES.length() + 1;
    int end = path.indexOf('/', Math.min(begin, path.length()));
    if (end < 0) {
      throw Params.invalid(
          "Idempotency-Key is taken by calls on a sandbox, whose answers it keeps; to make one"
              + " safely, PUT /v1/sandboxes/NAME");
    }
    try {
      String name = path.substring(begin, end);
      return sandboxes.enter(name, LifeHeaders.condition(request)).sandbox().answers();
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return null;
      }
      throw e;
    }
  }

  /** Of what makes two calls the same: where they go, and what they carry. */
  private static byte[] digest(HttpServletRequest request, byte[] body) {
    String query = request.getQueryString();
    String target = request.getRequestURI() + '?' + (query == null ? "" : query) + '\n';
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(target.getBytes(StandardCharsets.UTF_8));
      return digest.digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void make(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      KeptAnswers answers,
      String key)
      throws ServletException, IOException {
    CopiedResponse copied = new CopiedResponse(response, KeptAnswers.LONGEST);
    boolean returned = false;
    try {
      chain.doFilter(request, copied);
      returned = true;
    } finally {
      ErrnoException refusal = ErrnoAdvice.refusal(request);
      boolean known = !copied.isElsewhere() && (returned || copied.hasBegun());
      if (known && isFinal(copied.getStatus(), refusal)) {
        answers.finish(key, answer(copied, refusal));
      } else {
        answers.drop(key);
      }
    }
  }

  /**
   * Whether sending the call again must come to the same. It need not where nothing was done
   * because of something that is no part of the call, or may be otherwise next time: a header, the
   * time, the room that there is.
   */
  private static boolean isFinal(int status, @Nullable ErrnoException refusal) {
    if (refusal == null) {
      return status < HttpStatus.INTERNAL_SERVER_ERROR.value();
    }
    return refusal.facts().containsKey(ErrnoException.DONE)
        || (status < HttpStatus.INTERNAL_SERVER_ERROR.value()
            && !PASSING.contains(status)
            && refusal.errno() != Errno.EMFILE);
  }

  private static KeptAnswers.@Nullable Answer answer(
      CopiedResponse copied, @Nullable ErrnoException refusal) {
    byte[] body = copied.body();
    if (body == null) {
      return null;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : KEPT) {
      String value = copied.getHeader(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    String type = copied.getContentType();
    if (type != null) {
      headers.put(HttpHeaders.CONTENT_TYPE, type);
    }
    String reason = refusal == null ? null : ErrnoAdvice.reason(refusal);
    return new KeptAnswers.Answer(copied.getStatus(), reason, headers, body);
  }

  private static void replay(
      KeptAnswers.Answer before, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(before.status());
    String reason = before.reason();
    if (reason != null) {
      ErrnoAdvice.say(request, reason);
    }
    before.headers().forEach(response::setHeader);
    response.setHeader(REPLAYED, "true");
    response.getOutputStream().write(before.body());
  }
}
