package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which lives of a sandbox a call is meant for. It touches no other: a name alone does not tell
 * whether efd-1 is still the one that the caller made.
 *
 * @param only the lives that it is meant for, or null when any will do, or none
 * @param except the lives that it must not meet, or null
 */
public record Condition(@Nullable Lives only, @Nullable Lives except) {
  /** Every life will do, and none. */
  public static final Condition NONE = new Condition(null, null);

  private static final String EXPECTED = "expected";
  private static final String UNWANTED = "unwanted";

  /**
   * Lives by their uid.
   *
   * @param uids which, or null for every one
   */
  public record Lives(@Nullable Set<String> uids) {
    private boolean have(String uid) {
      return uids == null || uids.contains(uid);
    }

    private List<String> shown() {
      return uids == null ? List.of("*") : uids.stream().sorted().toList();
    }
  }

  /** Whether a call was refused because its condition was not met. */
  public static boolean isUnmet(ErrnoException refusal) {
    return refusal.facts().containsKey(EXPECTED) || refusal.facts().containsKey(UNWANTED);
  }

  /**
   * Lets the call pass that meets this life.
   *
   * @throws ErrnoException ESTALE when it is meant for others, EEXIST when it must not meet it
   */
  void admit(String name, String uid) {
    if (only != null && !only.have(uid)) {
      throw refusal(
          Errno.ESTALE,
          "sandbox %s has uid %s now, not %s: it was reset or made anew"
              .formatted(name, uid, String.join(" or ", only.shown())),
          uid);
    }
    if (except != null && except.have(uid)) {
      throw refusal(Errno.EEXIST, "sandbox %s already exists, uid %s".formatted(name, uid), uid);
    }
  }

  /**
   * Lets the call pass that would begin a life.
   *
   * @throws ErrnoException ESTALE when it is meant for one that has begun
   */
  void admitNew(String name) {
    if (only != null) {
      throw refusal(
          Errno.ESTALE,
          "sandbox %s does not exist, and the call is meant for uid %s"
              .formatted(name, String.join(" or ", only.shown())),
          null);
    }
  }

  private ErrnoException refusal(Errno errno, String sentence, @Nullable String uid) {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (uid != null) {
      facts.put("uid", uid);
    }
    if (only != null) {
      facts.put(EXPECTED, only.shown());
    }
    if (except != null) {
      facts.put(UNWANTED, except.shown());
    }
    return new ErrnoException(errno, sentence, facts);
  }
}
