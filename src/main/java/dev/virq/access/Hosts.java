package dev.virq.access;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names that a request may be addressed to.
 *
 * <p>A page that a browser has loaded from {@code evil.example} may call {@code evil.example}
 * freely, and its owner may let that name lead to this machine a moment later: DNS rebinding. The
 * request then arrives as if from virq's own page, and only its Host header tells. Rebinding takes
 * a name that somebody else can register. So addresses are always answered, and {@code localhost},
 * and names without a dot, which nobody can register; all others have to be configured.
 */
final class Hosts {
  private static final String ALL = "*";
  private static final String ANY_BELOW = "*.";

  private static final Pattern NAME =
      Pattern.compile("(\\*\\.)?[a-z0-9_]([-a-z0-9_.]{0,251}[a-z0-9_])?");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final List<String> allowed;

  /**
   * Those names besides the ones that are always answered: {@code virq.example}, {@code *.example}
   * for every name below it, {@code *} for every name.
   *
   * @throws IllegalArgumentException when one of them is no name
   */
  Hosts(List<String> allowed) {
    this.allowed = allowed.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    for (String name : this.allowed) {
      if (!name.equals(ALL) && !NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "\"%s\" is no host: expected a name without port, such as virq.example, *.example for"
                    .formatted(name)
                + " every name below it, or * for all");
      }
    }
  }

  /** Whether requests to that host, without port, are answered. */
  boolean answers(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    return name.startsWith("[")
        || name.indexOf('.') < 0
        || IPV4.matcher(name).matches()
        || name.endsWith(".localhost")
        || isAllowed(name);
  }

  private boolean isAllowed(String name) {
    for (String one : allowed) {
      if (one.equals(ALL)
          || one.equals(name)
          || (one.startsWith(ANY_BELOW) && name.endsWith(one.substring(1)))) {
        return true;
      }
    }
    return false;
  }
}
