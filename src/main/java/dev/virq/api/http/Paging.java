package dev.virq.api.http;

import dev.virq.api.load.RequestBytes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;

/**
 * The page of a list that a request asks for. Tokens mean nothing outside their list.
 *
 * @param pageSize items at most
 * @param pageToken nextPageToken of the page before
 */
@ParameterObject
public record Paging(@Nullable String pageSize, @Nullable String pageToken) {
  /** Items of a page when none is asked for. */
  public static final int DEFAULT_SIZE = 100;

  /** Most items that a page may have. */
  public static final int MAX_SIZE = 1_000;

  /** Heap that an item takes until it is sent, in bytes. */
  private static final long ITEM_BYTES = 1_024;

  /**
   * What a list request asks for.
   *
   * @param list names the list, so that a token of another one is refused
   * @param size items at most
   * @param after the last item of the page before, or null
   */
  public record Request(String list, int size, @Nullable String after) {
    /** The number of the last item of the page before, 0 for the first page. */
    public long afterNumber(long first) {
      if (after == null) {
        return first;
      }
      try {
        return Long.parseLong(after);
      } catch (NumberFormatException e) {
        throw badToken(after);
      }
    }

    /**
     * One page.
     *
     * @param found the items after {@link #after}, one more than {@link #size} if there are more
     * @param key what comes after an item is found by
     */
    public <T, R> Page<R> of(List<T> found, Function<T, String> key, Function<T, R> view) {
      boolean more = found.size() > size;
      List<T> items = more ? found.subList(0, size) : found;
      String next = more ? token(list, key.apply(items.getLast())) : null;
      return new Page<>(items.stream().map(view).toList(), next);
    }
  }

  /**
   * One page of a list.
   *
   * @param items in the order of their numbers or names
   * @param nextPageToken asks for the next page; absent on the last one
   */
  public record Page<T>(List<T> items, @Nullable String nextPageToken) {}

  /**
   * The page of that list; refuses a size or token that is none.
   *
   * @param list names the list, so that a token of another one is refused
   */
  public Request of(String list) {
    int size = DEFAULT_SIZE;
    if (pageSize != null) {
      try {
        size = Integer.parseInt(pageSize);
      } catch (NumberFormatException e) {
        throw Params.invalid("pageSize \"%s\" is not a number".formatted(Params.shown(pageSize)));
      }
      if (size < 1 || size > MAX_SIZE) {
        throw Params.invalid("pageSize " + size + " is outside 1.." + MAX_SIZE);
      }
    }
    RequestBytes.charge(size * ITEM_BYTES);
    return new Request(list, size, pageToken == null ? null : after(list, pageToken));
  }

  private static String token(String list, String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((list + "/" + key).getBytes(StandardCharsets.UTF_8));
  }

  private static String after(String list, String token) {
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw badToken(token);
    }
    if (!text.startsWith(list + "/")) {
      throw badToken(token);
    }
    return text.substring(list.length() + 1);
  }

  private static RuntimeException badToken(String token) {
    return Params.invalid(
        "pageToken \"%s\" was not issued by this list".formatted(Params.shown(token)));
  }
}
