package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Something that is wrong, and the request that showed it.
 *
 * @param operation whose request it was, or was before it was mutated
 * @param fault what is wrong
 * @param request the bytes that were sent; what came before them may matter as well
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Finding(String operation, String fault, byte[] request) {
  /** Two findings with the same key are one: values in the fault are left out. */
  String key() {
    return operation + ": " + fault.replaceAll("[0-9]+|\"[^\"]*\"", "#");
  }

  @Override
  public String toString() {
    StringBuilder shown = new StringBuilder();
    for (char next : new String(request, ISO_8859_1).toCharArray()) {
      boolean plain = (next >= ' ' && next <= '~') || next == '\n';
      shown.append(plain ? String.valueOf(next) : "\\x%02x".formatted((int) next));
    }
    return "%s: %s%n%s%n".formatted(operation, fault, shown);
  }
}
