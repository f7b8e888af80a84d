package dev.virq.api.wire;

import jakarta.servlet.ServletRequest;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * The status line of one answer. Tomcat writes none but the number: since version 9 it has no place
 * for a reason, which is what Python's requests and many other clients show of an error.
 *
 * <p>Tomcat also closes the connection after every 400, whoever answers it, because its own are
 * about heads that it cannot read. A refusal by virq has read its request to the end, so here the
 * connection is kept: while Tomcat decides, the answer has a status of its own, which {@link
 * HeadChannel} writes as 400.
 *
 * <p>Used by the request's thread.
 */
public final class Head {
  /** No registered status, and none that Tomcat closes for. */
  static final int KEPT_400 = 499;

  private static final String NAME = Head.class.getName();

  /** More of a sentence does not help in a line. */
  private static final int LONGEST = 200;

  private final Request request;
  private final Response response;
  private final @Nullable FreshProcessor processor;
  private final @Nullable ArrivingChannel channel;
  private @Nullable String reason;
  private boolean kept;
  private @Nullable Runnable atEnd;

  /** Of the answer to a request that begins now. */
  Head(Request request, Response response) {
    this(request, response, null, null);
  }

  /** As above, served by that one, on that connection. */
  Head(
      Request request,
      Response response,
      @Nullable FreshProcessor processor,
      @Nullable ArrivingChannel channel) {
    this.request = request;
    this.response = response;
    this.processor = processor;
    this.channel = channel;
    request.setAttribute(NAME, this);
  }

  /** That of a request's answer; null when the connector is another one, or encrypts. */
  private static @Nullable Head of(ServletRequest request) {
    return request.getAttribute(NAME) instanceof Head head ? head : null;
  }

  static @Nullable Head of(Request request) {
    return request.getAttribute(NAME) instanceof Head head ? head : null;
  }

  /** To be run when the answer is sent. */
  void atEnd(Runnable action) {
    atEnd = action;
  }

  /** Says whose call it is, before it waits for a place to run in. */
  public static void named(ServletRequest request, String sandbox) {
    Head head = of(request);
    if (head != null && head.channel != null) {
      head.channel.admittedUnlessOf(sandbox);
    }
  }

  /** The call has a place to run in: another of its sandbox may be read. */
  public static void admitted(ServletRequest request) {
    Head head = of(request);
    if (head != null && head.channel != null) {
      head.channel.admitted();
    }
  }

  /** The connection is closed after the answer, which says so. Where it is encrypted, it is not. */
  public static void closeAfterAnswer(ServletRequest request) {
    Head head = of(request);
    if (head != null && head.processor != null) {
      head.processor.closeAfterAnswer();
    }
  }

  /** Says in the status line why a call is refused. */
  public static void say(ServletRequest request, String reason) {
    Head head = of(request);
    if (head != null) {
      head.say(reason);
    }
  }

  /** As above, of this answer. */
  void say(String why) {
    reason = printable(why);
  }

  /** What a status line may carry: anything else could begin a header. */
  static String printable(String text) {
    String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST - 3) + "...";
    return cut.replaceAll("[^ -~]", "?");
  }

  /**
   * Sends an error, whose body is complete. To be called when nothing more looks at the status.
   *
   * @param answer as Tomcat's valves see it
   */
  public static void finish(
      org.apache.catalina.connector.Request asked, org.apache.catalina.connector.Response answer)
      throws java.io.IOException {
    Head head = of(asked);
    if (head == null || !head.isOrdinary400() || asked.isAsync()) {
      answer.finishResponse();
      return;
    }
    head.kept = true;
    head.response.setStatus(KEPT_400);
    try {
      answer.finishResponse();
    } finally {
      // Logs are written after this.
      head.response.setStatus(HttpStatus.BAD_REQUEST.value());
    }
  }

  /** Whether the request was read, and is refused for what it says. */
  private boolean isOrdinary400() {
    if (response.getStatus() != HttpStatus.BAD_REQUEST.value()
        || response.isCommitted()
        || request.getErrorException() != null) {
      return false;
    }
    AtomicBoolean broken = new AtomicBoolean();
    response.action(ActionCode.IS_ERROR, broken);
    return !broken.get();
  }

  /**
   * The answer is sent. Nothing else looks at the status any more but Tomcat, which would close for
   * a 400.
   */
  void over() {
    Runnable action = atEnd;
    atEnd = null;
    if (action != null) {
      action.run();
    }
    if (kept && response.getStatus() == HttpStatus.BAD_REQUEST.value()) {
      response.setStatus(KEPT_400);
    }
  }

  /** The line for a status that Tomcat has written, without the line's end. */
  String line(int written) {
    int status = written == KEPT_400 ? HttpStatus.BAD_REQUEST.value() : written;
    HttpStatus known = HttpStatus.resolve(status);
    String said = reason;
    // A reason is that of a refusal: the status may have become another one since.
    String phrase =
        said != null && status >= 400 ? said : known == null ? "" : known.getReasonPhrase();
    return "HTTP/1.1 " + status + " " + phrase;
  }
}
