package dev.virq.sandbox;

import java.util.regex.Pattern;

/** What a sandbox may be called. */
public final class SandboxName {
  /** What a name is, for people. */
  public static final String FORM = "an RFC 1123 label (at most 63 of a-z, 0-9 and -)";

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private SandboxName() {}

  /** Whether the text is a name. */
  public static boolean isOne(String text) {
    return NAME.matcher(text).matches();
  }
}
