package dev.virq.access;

import java.util.List;

/**
 * Who may call.
 *
 * @param hosts names, besides those that are always answered, that a request may be addressed to
 * @param token one that may do everything; none when empty
 * @param tokensFile path of a file of tokens; none when empty
 */
public record AccessSettings(List<String> hosts, String token, String tokensFile) {
  /** Whether callers have to have a token. */
  public boolean asksForToken() {
    return !token.isEmpty() || !tokensFile.isEmpty();
  }

  /** Without the token: settings are printed when they are wrong. */
  @Override
  public String toString() {
    return "AccessSettings[hosts=%s, token=%s, tokensFile=%s]"
        .formatted(hosts, token.isEmpty() ? "" : "(not shown)", tokensFile);
  }
}
