package dev.virq.api.http;

import dev.virq.api.load.ChargedRequest;
import dev.virq.api.wire.Head;
import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.inflight.InFlight;
import dev.virq.life.ProcessEnd;
import dev.virq.sandbox.Condition;
import dev.virq.sandbox.KeptAnswers;
import dev.virq.share.Shares;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** The one place where an errno becomes an HTTP status and a refusal becomes a body. */
@RestControllerAdvice
public final class ErrnoAdvice {
  private static final Logger LOG = LoggerFactory.getLogger(ErrnoAdvice.class);

  /** The fact of a refusal because events are not kept any more: number of the oldest that is. */
  public static final String OLDEST = "oldest";

  private static final String ERRORS = "errors";
  private static final String PENDING = "pending";
  private static final String HELD_BY = "heldBy";

  /** The attribute of a request that was refused, with its {@link ErrnoException}. */
  private static final String REFUSAL = ErrnoAdvice.class.getName() + ".refusal";

  /** Facts that are members of every problem's type. */
  private static final Set<String> DECLARED = Set.of(ERRORS, PENDING, HELD_BY);

  private static final String RETRY_SECONDS = "1";

  /** Methods that come with others. */
  private static final Set<String> IMPLIED = Set.of("HEAD", "OPTIONS");

  private final Instance instance;

  ErrnoAdvice(Instance instance) {
    this.instance = instance;
  }

  /** The status of an errno; EBADF here is that of what the path names. */
  public static HttpStatus status(Errno errno) {
    return switch (errno) {
      case EINVAL, ENOTTY -> HttpStatus.BAD_REQUEST;
      case EACCES -> HttpStatus.UNAUTHORIZED;
      case EPERM -> HttpStatus.FORBIDDEN;
      case ENOENT, EBADF -> HttpStatus.NOT_FOUND;
      case EOPNOTSUPP -> HttpStatus.METHOD_NOT_ALLOWED;
      case EBUSY, EEXIST, EAGAIN, EDEADLK, ERANGE, ECANCELED, EMFILE, ENXIO -> HttpStatus.CONFLICT;
      case ESTALE -> HttpStatus.PRECONDITION_FAILED;
      case E2BIG -> HttpStatus.CONTENT_TOO_LARGE;
      case ENFILE -> HttpStatus.TOO_MANY_REQUESTS;
      case EIO -> HttpStatus.INTERNAL_SERVER_ERROR;
      case ESHUTDOWN -> HttpStatus.SERVICE_UNAVAILABLE;
      case ETIMEDOUT -> HttpStatus.GATEWAY_TIMEOUT;
    };
  }

  /** Why a request was refused; null when it was not, or not here. */
  public static @Nullable ErrnoException refusal(HttpServletRequest request) {
    return request.getAttribute(REFUSAL) instanceof ErrnoException refusal ? refusal : null;
  }

  /** What the status line says of a refusal. */
  public static String reason(ErrnoException refusal) {
    return refusal.errno() + ": " + refusal.sentence();
  }

  /** Says in the status line why a request is refused. */
  public static void say(HttpServletRequest request, String reason) {
    Head.say(request, reason);
  }

  /** A call that the domain or the input checks refused. */
  @ExceptionHandler
  public ResponseEntity<ErrnoProblem> refused(ErrnoException e, HttpServletRequest request) {
    return answer(e, status(e), HttpHeaders.EMPTY, request);
  }

  /** The status of a refusal: that of its errno, unless its facts say more. */
  private static HttpStatus status(ErrnoException e) {
    Map<String, Object> facts = e.facts();
    // A descriptor that a member of the body names is not what the path asks for.
    if (e.errno() == Errno.EBADF && facts.containsKey(ERRORS)) {
      return HttpStatus.UNPROCESSABLE_CONTENT;
    }
    // No object is in the way, only others who are first.
    if (e.errno() == Errno.EAGAIN && facts.containsKey(Shares.RETRY_AFTER)) {
      return HttpStatus.TOO_MANY_REQUESTS;
    }
    // The client was slow, not the engine.
    if (e.errno() == Errno.ETIMEDOUT && facts.containsKey(ChargedRequest.BODY_DEADLINE)) {
      return HttpStatus.REQUEST_TIMEOUT;
    }
    // Nobody else did something: time went by.
    if (e.errno() == Errno.ESTALE && facts.containsKey(OLDEST)) {
      return HttpStatus.GONE;
    }
    if (KeptAnswers.isOther(e)) {
      return HttpStatus.UNPROCESSABLE_CONTENT;
    }
    if (Condition.isUnmet(e)) {
      return HttpStatus.PRECONDITION_FAILED;
    }
    return status(e.errno());
  }

  /** What Spring refuses by itself: unknown paths, methods, media types; and what is a bug. */
  @ExceptionHandler
  ResponseEntity<ErrnoProblem> other(Exception e, HttpServletRequest request) {
    // Spring hands errors on as the cause of an exception.
    ProcessEnd.THIS.haltIfFatal(e);
    if (e instanceof ErrorResponse refusal && refusal.getStatusCode().is4xxClientError()) {
      HttpStatus status = HttpStatus.valueOf(refusal.getStatusCode().value());
      String detail = detail(refusal, request);
      String place =
          request.getMethod() + " " + Params.shown(request.getRequestURI()) + sent(status, request);
      ErrnoException errno =
          new ErrnoException(
              errno(status), detail == null ? place : place + ": " + detail + taken(e));
      return answer(errno, status, withImplied(refusal.getHeaders()), request);
    }
    LOG.error("request {} failed", RequestContextFilter.requestId(request), e);
    ErrnoException errno =
        new ErrnoException(
            Errno.EIO,
            "see the log of this node for request " + RequestContextFilter.requestId(request));
    return answer(errno, HttpStatus.INTERNAL_SERVER_ERROR, HttpHeaders.EMPTY, request);
  }

  /** What Spring says, but for what can be said better. */
  private static @Nullable String detail(ErrorResponse refusal, HttpServletRequest request) {
    return switch (refusal) {
      case HttpRequestMethodNotSupportedException other ->
          wrongMethod(other.getMethod(), other.getSupportedHttpMethods());
      case NoResourceFoundException _ -> noSuchPath(request.getRequestURI());
      case NoHandlerFoundException _ -> noSuchPath(request.getRequestURI());
      default -> refusal.getBody().getDetail();
    };
  }

  /** Names the methods that a path takes, as its document does. */
  public static String wrongMethod(String method, @Nullable Collection<HttpMethod> taken) {
    String refused = "method " + method + " is not supported";
    List<String> names =
        taken == null
            ? List.of()
            : taken.stream()
                .map(HttpMethod::name)
                .filter(one -> !IMPLIED.contains(one))
                .sorted()
                .toList();
    return switch (names.size()) {
      case 0 -> refused;
      case 1 -> refused + "; only " + names.getFirst() + " is";
      default -> refused + "; only " + String.join(", ", names) + " are";
    };
  }

  /** Says why, where a base address that ends in /v1 is the most likely reason. */
  public static String noSuchPath(@Nullable String path) {
    return path != null && path.startsWith("/v1/v1")
        ? "no such path: /v1 stands in it twice; the base address must not end in /v1"
        : "no such path";
  }

  /** The header Allow with what each path takes beside the methods that are declared for it. */
  private static HttpHeaders withImplied(HttpHeaders headers) {
    Set<HttpMethod> declared = headers.getAllow();
    if (declared.isEmpty()) {
      return headers;
    }
    Set<HttpMethod> allowed = new TreeSet<>(declared);
    allowed.add(HttpMethod.OPTIONS);
    if (declared.contains(HttpMethod.GET)) {
      allowed.add(HttpMethod.HEAD);
    }
    HttpHeaders all = new HttpHeaders(headers);
    all.setAllow(allowed);
    return all;
  }

  /** The media types that the operation takes, when the refusal is about them. */
  private static String taken(Exception e) {
    return e instanceof HttpMediaTypeNotSupportedException refusal
            && !refusal.getSupportedMediaTypes().isEmpty()
        ? " It takes "
            + refusal.getSupportedMediaTypes().stream().map(MediaType::toString).sorted().toList()
            + "."
        : "";
  }

  /** The header that a refusal of media types is about. */
  private static String sent(HttpStatus status, HttpServletRequest request) {
    String name =
        switch (status) {
          case UNSUPPORTED_MEDIA_TYPE -> HttpHeaders.CONTENT_TYPE;
          case NOT_ACCEPTABLE -> HttpHeaders.ACCEPT;
          default -> "";
        };
    String value = name.isEmpty() ? null : request.getHeader(name);
    return value == null ? "" : " with " + name + " " + Params.shown(value);
  }

  /** The errno of a status that was decided before any call was made. */
  public static Errno errno(HttpStatus status) {
    return switch (status) {
      case UNAUTHORIZED -> Errno.EACCES;
      case FORBIDDEN -> Errno.EPERM;
      case NOT_FOUND -> Errno.ENOENT;
      case METHOD_NOT_ALLOWED,
          NOT_ACCEPTABLE,
          UNSUPPORTED_MEDIA_TYPE,
          NOT_IMPLEMENTED,
          HTTP_VERSION_NOT_SUPPORTED ->
          Errno.EOPNOTSUPP;
      case CONTENT_TOO_LARGE, URI_TOO_LONG, REQUEST_HEADER_FIELDS_TOO_LARGE -> Errno.E2BIG;
      case REQUEST_TIMEOUT, GATEWAY_TIMEOUT -> Errno.ETIMEDOUT;
      case SERVICE_UNAVAILABLE -> Errno.ESHUTDOWN;
      default -> status.is5xxServerError() ? Errno.EIO : Errno.EINVAL;
    };
  }

  private ResponseEntity<ErrnoProblem> answer(
      ErrnoException e, HttpStatus status, HttpHeaders headers, HttpServletRequest request) {
    ResponseEntity.BodyBuilder response =
        ResponseEntity.status(status)
            .headers(headers)
            // Set here, so that the client's Accept header is not asked: an error has one form.
            .contentType(MediaType.APPLICATION_PROBLEM_JSON);
    if (status == HttpStatus.REQUEST_TIMEOUT) {
      // What is left of the body cannot be told from the next request.
      response.header(HttpHeaders.CONNECTION, "close");
    }
    boolean putOff =
        status == HttpStatus.TOO_MANY_REQUESTS || status == HttpStatus.SERVICE_UNAVAILABLE;
    // Whoever is told to try again may rely on nothing having been done.
    if (putOff && !e.facts().containsKey(ErrnoException.DONE)) {
      response.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    request.setAttribute(REFUSAL, e);
    say(request, reason(e));
    return response.body(
        new ErrnoProblem(
            "/problems/" + e.errno(),
            e.errno().title(),
            status.value(),
            e.sentence(),
            request.getRequestURI(),
            e.errno().name(),
            e.errno().number(),
            RequestContextFilter.requestId(request),
            SandboxArgument.nameIn(request),
            instance.node(),
            instance.epoch(),
            listed(e.facts(), ERRORS, ErrnoProblem.Member.class),
            listed(e.facts(), PENDING, InFlightJson.Pending.class),
            listed(e.facts(), HELD_BY, InFlightJson.Held.class),
            facts(e.facts())));
  }

  /** A fact that is a list and that every problem may have. */
  private static <T> @Nullable List<T> listed(
      Map<String, Object> facts, String name, Class<T> type) {
    return facts.get(name) instanceof List<?> list
        ? list.stream().map(ErrnoAdvice::view).filter(type::isInstance).map(type::cast).toList()
        : null;
  }

  /** The domain's facts with its objects named as the contract names them. */
  private static Map<String, Object> facts(Map<String, Object> facts) {
    Map<String, Object> shown = new LinkedHashMap<>();
    facts.forEach((name, value) -> {
      if (!DECLARED.contains(name)) {
        shown.put(
            name,
            value instanceof List<?> list ? list.stream().map(ErrnoAdvice::view).toList() : value);
      }
    });
    return shown;
  }

  private static Object view(Object fact) {
    return switch (fact) {
      case InFlight.Pending pending -> InFlightJson.Pending.of(pending);
      case Breakpoint.Parked parked -> InFlightJson.Held.of(parked);
      default -> fact;
    };
  }
}
