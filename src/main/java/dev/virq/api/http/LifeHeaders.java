package dev.virq.api.http;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sandbox.Condition;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ETag;
import org.springframework.http.HttpHeaders;

/**
 * Reads and names the headers about lives.
 *
 * <p>The entity tag of a sandbox is its uid: it says which life it is, not what it has counted, and
 * so no answer is ever 304.
 */
public final class LifeHeaders {
  /** Of every answer to a call on a sandbox: the life that the call was made on. */
  public static final String UID = "Sandbox-Uid";

  /** Of every answer: the life of the instance. */
  public static final String EPOCH = "X-Epoch";

  private static final Pattern TAGS =
      Pattern.compile("\\*|(W/)?\"[^\"]*\"(\\s*,\\s*(W/)?\"[^\"]*\")*+");

  private LifeHeaders() {}

  /** The entity tag of a life. */
  public static String etag(String uid) {
    return '"' + uid + '"';
  }

  /** Which life a call on a sandbox is meant for: If-Match. */
  public static Condition condition(HttpServletRequest request) {
    Condition.Lives only = lives(request, HttpHeaders.IF_MATCH);
    return only == null ? Condition.NONE : new Condition(only, null);
  }

  /** As {@link #condition}, for a call that may make the sandbox: If-None-Match, too. */
  public static Condition conditionToMake(HttpServletRequest request) {
    Condition.Lives only = lives(request, HttpHeaders.IF_MATCH);
    Condition.Lives except = lives(request, HttpHeaders.IF_NONE_MATCH);
    return new Condition(only, except);
  }

  private static Condition.@Nullable Lives lives(HttpServletRequest request, String header) {
    // Most requests have none, and are not made to pay.
    if (request.getHeader(header) == null) {
      return null;
    }
    String sent = String.join(", ", Collections.list(request.getHeaders(header))).strip();
    if (!TAGS.matcher(sent).matches()) {
      throw new ErrnoException(
          Errno.EINVAL,
          "%s %s is neither * nor a list of uids in double quotes"
              .formatted(header, Params.shown(sent)));
    }
    List<ETag> tags = ETag.parse(sent);
    // If-Match compares strongly, and a weak tag is none of ours; If-None-Match compares weakly.
    boolean strongly = header.equals(HttpHeaders.IF_MATCH);
    return new Condition.Lives(
        sent.equals("*")
            ? null
            : tags.stream()
                .filter(tag -> !strongly || !tag.weak())
                .map(ETag::tag)
                .collect(Collectors.toSet()));
  }
}
