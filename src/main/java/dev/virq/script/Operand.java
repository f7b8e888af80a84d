package dev.virq.script;

import dev.virq.host.VcpuCalls;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.X2Apic;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What one word of an operation may be. */
enum Operand {
  /** A VM, a vCPU or a descriptor. */
  NAME("a name"),
  /** A number of 8 bits. */
  U8("an 8-bit number"),
  /** A number of 16 bits. */
  U16("a 16-bit number"),
  /** A number of 32 bits. */
  U32("a 32-bit number"),
  /** A number of 64 bits. */
  U64("a 64-bit number"),
  /** The word that makes an eventfd a semaphore. */
  SEMAPHORE("semaphore"),
  /** The word that gives a PIT the speaker's port. */
  SPEAKER("speaker"),
  /** One of the 8259 pair. */
  PIC("master or slave"),
  /** What a vCPU's CPUID table may have. */
  CPU_FEATURE("tsc-deadline or x2apic"),
  /** How many bytes an access to a port has. */
  PORT_BYTES("1, 2 or 4"),
  /** How many bytes an access to memory has. */
  BYTES("1, 2, 4 or 8"),
  /** A model-specific register. */
  MSR("a model-specific register there is: 0x1b, 0x6e0, 0x800 to 0x8ff"),
  /** How often something is done. */
  TIMES("1 to 20000"),
  /** A field of a chip and its new value. */
  FIELD("FIELD=N"),
  /** An entry of a routing table, its flags, or many entries. */
  ROUTE("a routing entry");

  /** IA32_TSC_DEADLINE. */
  private static final int TSC_DEADLINE = 0x6e0;

  private static final Pattern NAMES = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");
  private static final Pattern FIELDS = Pattern.compile("([a-z][a-z0-9_]{0,31})=(.+)");
  private static final Pattern NUMBERS = Pattern.compile("0[xX][0-9a-fA-F]{1,32}|[0-9]{1,32}");

  private final String expected;

  Operand(String expected) {
    this.expected = expected;
  }

  /** What a word of this kind looks like, for people. */
  String expected() {
    return expected;
  }

  /** Whether the word is one of this kind. */
  boolean accepts(String word) {
    return switch (this) {
      case NAME -> NAMES.matcher(word).matches();
      case U8 -> isNumber(word, 8);
      case U16 -> isNumber(word, 16);
      case U32 -> isNumber(word, 32);
      case U64 -> isNumber(word, 64);
      case SEMAPHORE -> word.equals("semaphore");
      case SPEAKER -> word.equals("speaker");
      case PIC -> List.of("master", "slave").contains(word);
      case CPU_FEATURE -> List.of("tsc-deadline", "x2apic").contains(word);
      case PORT_BYTES -> isNumber(word, 8) && List.of(1, 2, 4).contains(bits(word));
      case BYTES -> isNumber(word, 8) && List.of(1, 2, 4, 8).contains(bits(word));
      case TIMES -> isNumber(word, 16) && bits(word) >= 1 && bits(word) <= VcpuCalls.MOST_SERVED;
      case MSR -> isNumber(word, 32) && isMsr(bits(word));
      case FIELD -> isField(word);
      case ROUTE -> Routes.accepts(word);
    };
  }

  /** The number that the word is, or null. Decimal, or hexadecimal after 0x. */
  static @Nullable BigInteger number(String word) {
    if (!NUMBERS.matcher(word).matches()) {
      return null;
    }
    boolean hexadecimal = word.startsWith("0x") || word.startsWith("0X");
    return hexadecimal ? new BigInteger(word.substring(2), 16) : new BigInteger(word);
  }

  /** Whether the word is a number of at most so many bits. */
  static boolean isNumber(String word, int bits) {
    BigInteger number = number(word);
    return number != null && number.bitLength() <= bits;
  }

  /** The low 32 bits of a number that was accepted. */
  static int bits(String word) {
    BigInteger number = number(word);
    if (number == null) {
      throw new IllegalStateException(word + " is not a number");
    }
    return number.intValue();
  }

  private static boolean isMsr(int register) {
    return register == TSC_DEADLINE || register == ApicBase.REGISTER || X2Apic.has(register);
  }

  private static boolean isField(String word) {
    Matcher field = FIELDS.matcher(word);
    return field.matches() && isNumber(field.group(2), 32);
  }
}
