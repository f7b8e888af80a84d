package dev.virq.schedule;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The choices of one run, as a short string: {@code s1:CHECKSUM:CHOICES}.
 *
 * <p>The choices are the places of the threads chosen, in base 36 and separated by dots, {@code
 * 0*12} standing for twelve zeros. Place 0 is the thread that has just run, so zeros are most of
 * them; those at the end are left out. The checksum is that of what the choices were made for: with
 * another program or version they would mean something else.
 *
 * @param checksum of the program, the defects and the version
 * @param choices places, one a decision
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by its content
public record Schedule(String checksum, int[] choices) {
  /** Characters of the longest schedule that is read. */
  public static final int LONGEST = 65_536;

  private static final int MOST_CHOICES = 100_000;
  private static final Pattern FORM =
      Pattern.compile("s1:([0-9a-f]{16}):((?:[0-9a-z]{1,2}(?:\\*[0-9]{1,6})?(?:\\.|$))*)");

  /** Leaves out the zeros at the end, and copies. */
  public Schedule {
    int length = choices.length;
    while (length > 0 && choices[length - 1] == 0) {
      length--;
    }
    choices = Arrays.copyOf(choices, length);
  }

  /** The choices: a copy. */
  @Override
  public int[] choices() {
    return choices.clone();
  }

  /**
   * Reads a schedule.
   *
   * @throws ErrnoException EINVAL when it is none
   */
  public static Schedule parse(String text) {
    Matcher form = text.length() > LONGEST ? null : FORM.matcher(text);
    if (form == null || !form.matches()) {
      throw new ErrnoException(
          Errno.EINVAL, "a schedule is written s1:CHECKSUM:CHOICES, as an exploration answers it");
    }
    int[] choices = new int[64];
    int size = 0;
    for (String part : form.group(2).isEmpty() ? new String[0] : form.group(2).split("\\.", -1)) {
      String[] choice = part.split("\\*", -1);
      int times = choice.length == 1 ? 1 : Integer.parseInt(choice[1]);
      if (part.isEmpty() || size + times > MOST_CHOICES) {
        throw new ErrnoException(
            Errno.EINVAL,
            "a schedule has at most " + MOST_CHOICES + " choices, none of them empty");
      }
      if (size + times > choices.length) {
        choices = Arrays.copyOf(choices, Math.max(size + times, choices.length * 2));
      }
      Arrays.fill(choices, size, size + times, Integer.parseInt(choice[0], 36));
      size += times;
    }
    return new Schedule(form.group(1), Arrays.copyOf(choices, size));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("s1:").append(checksum).append(':');
    int at = 0;
    while (at < choices.length) {
      int end = at;
      while (end < choices.length && choices[end] == choices[at]) {
        end++;
      }
      text.append(at == 0 ? "" : ".").append(Integer.toString(choices[at], 36));
      if (end - at > 1) {
        text.append('*').append(end - at);
      }
      at = end;
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schedule that
        && checksum.equals(that.checksum)
        && Arrays.equals(choices, that.choices);
  }

  @Override
  public int hashCode() {
    return 31 * checksum.hashCode() + Arrays.hashCode(choices);
  }
}
