package dev.virq.live;

import dev.virq.errno.Errno;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers in the form of the recordings: integers are {@link BigInteger}s. */
final class Answers {
  private Answers() {}

  /** Of a call without value, which answered at least 0 or a negative error number. */
  static Map<String, Object> of(int result) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ok", result >= 0);
    if (result < 0) {
      answer.put("errno", name(-result));
    }
    return answer;
  }

  /** Of a call that succeeded with a value. */
  static Map<String, Object> value(Object value) {
    Map<String, Object> answer = of(0);
    answer.put("value", value);
    return answer;
  }

  /** The number without sign. */
  static BigInteger unsigned(long number) {
    return new BigInteger(Long.toUnsignedString(number));
  }

  /** The number of 32 bits without sign. */
  static BigInteger unsigned(int number) {
    return BigInteger.valueOf(Integer.toUnsignedLong(number));
  }

  /** The number that a word is: decimal, or hexadecimal after 0x. */
  static long number(String word) {
    return word.startsWith("0x") || word.startsWith("0X")
        ? new BigInteger(word.substring(2), 16).longValue()
        : new BigInteger(word).longValue();
  }

  private static String name(int number) {
    return Arrays.stream(Errno.values())
        .filter(errno -> errno.number() == number)
        .map(Errno::name)
        .findFirst()
        .orElse("error " + number);
  }
}
