package dev.virq.explore;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something to look at when a run has ended.
 *
 * @param kind what
 * @param name of the actor, VM or eventfd; empty for an irqfd
 * @param number of the operation or the irqfd, from 1; 0 otherwise
 */
record Look(Kind kind, String name, int number) {
  /** What can be looked at, and how it is written. */
  enum Kind {
    OUTCOME("outcome\\((?<name>[A-Za-z_][A-Za-z0-9_-]{0,63})\\.(?<number>[1-9][0-9]{0,3})\\)"),
    CAUSE("teardown\\((?<name>)irqfd\\.(?<number>[1-9][0-9]{0,3})\\)\\.cause"),
    INJECTIONS("injections\\((?<name>)irqfd\\.(?<number>[1-9][0-9]{0,3})\\)"),
    VM_STATE("vm_state (?<name>[A-Za-z_][A-Za-z0-9_.-]{0,63})(?<number>)"),
    COUNTER("counter (?<name>[A-Za-z_][A-Za-z0-9_.-]{0,63})(?<number>)");

    private final Pattern form;

    Kind(String form) {
      this.form = Pattern.compile(form);
    }
  }

  /**
   * Reads one.
   *
   * @param line for the refusal
   * @throws ErrnoException EINVAL when it is none
   */
  static Look parse(String text, int line) {
    for (Kind kind : Kind.values()) {
      Matcher form = kind.form.matcher(text);
      if (form.matches()) {
        String number = form.group("number");
        return new Look(kind, form.group("name"), number.isEmpty() ? 0 : Integer.parseInt(number));
      }
    }
    throw new ErrnoException(
        Errno.EINVAL,
        "line %d: \"%s\" is none of outcome(ACTOR.N), teardown(irqfd.N).cause,"
                .formatted(line, text)
            + " injections(irqfd.N), vm_state NAME, counter NAME",
        Map.of("line", line));
  }

  String of(Sight sight) {
    return switch (kind) {
      case OUTCOME -> sight.outcome(name, number);
      case CAUSE -> sight.cause(number);
      case INJECTIONS -> sight.injections(number);
      case VM_STATE -> sight.vmState(name);
      case COUNTER -> sight.counter(name);
    };
  }

  @Override
  public String toString() {
    return switch (kind) {
      case OUTCOME -> "outcome(" + name + "." + number + ")";
      case CAUSE -> "teardown(irqfd." + number + ").cause";
      case INJECTIONS -> "injections(irqfd." + number + ")";
      case VM_STATE -> "vm_state " + name;
      case COUNTER -> "counter " + name;
    };
  }
}
