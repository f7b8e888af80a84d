package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The memory of the guests: 1 MiB with the programs that the operations run, in real mode.
 *
 * <p>Every page holds the same programs at the same offset, so that a vCPU finds them wherever a
 * start-up message put its code segment. Page 0 begins with the interrupt table, whose entry n
 * leads to {@link #VECTORS} + 4n. A program ends in a 16-bit output, which no operation makes.
 */
final class GuestCode {
  static final long BYTES = 1 << 20;

  /** Where the stack begins; grows down into the unused end of a page. */
  static final long STACK = 0x7000;

  /** Port of the output that ends a program. */
  static final int DONE = 1;

  /** Port of the output that says that an interrupt was taken; the address says which. */
  static final int TAKEN = 2;

  static final int VECTORS = 0x800;

  private static final int PAGE = 0x1000;
  private static final int NOP = 0x90;
  private static final int IRET = 0xcf;

  /** OUT imm8, AX. */
  private static final int OUT_WORD = 0xe7;

  /** Programs begin with these, so that what is pending is taken before the access. */
  private static final int LEAD = 3;

  /** The programs, each with the bytes of its access. */
  enum Program {
    /** Nothing. */
    IDLE(0x400),
    /** Port DX gets AL. */
    OUT(0x420, 0xee),
    /** Port DX gets AX. */
    OUT_2(0x4e0, 0xef),
    /** Port DX gets EAX. */
    OUT_4(0x500, 0x66, 0xef),
    /** AL from port DX. */
    IN(0x440, 0xec),
    /** AX from port DX. */
    IN_2(0x520, 0xed),
    /** EAX from port DX. */
    IN_4(0x540, 0x66, 0xed),
    /** The word at EBX gets EAX. */
    STORE(0x460, 0x67, 0x66, 0x89, 0x03),
    /** The byte at EBX gets AL. */
    STORE_1(0x560, 0x67, 0x88, 0x03),
    /** The 2 bytes at EBX get AX. */
    STORE_2(0x580, 0x67, 0x89, 0x03),
    /** The 8 bytes at EBX get MM0. */
    STORE_8(0x5a0, 0x67, 0x0f, 0x7f, 0x03),
    /** The model-specific register ECX gets EDX and EAX. */
    WRMSR(0x620, 0x0f, 0x30),
    /** EDX and EAX from the model-specific register ECX. */
    RDMSR(0x640, 0x0f, 0x32),
    /** EAX from the word at EBX. */
    LOAD(0x480, 0x67, 0x66, 0x8b, 0x03),
    /** AL from the byte at EBX. */
    LOAD_1(0x5c0, 0x67, 0x8a, 0x03),
    /** AX from the 2 bytes at EBX. */
    LOAD_2(0x5e0, 0x67, 0x8b, 0x03),
    /** MM0 from the 8 bytes at EBX. */
    LOAD_8(0x600, 0x67, 0x0f, 0x6f, 0x03),
    /** The word at EBX gets ECX, then that at ESI EAX. */
    SELECT_STORE(0x4a0, 0x67, 0x66, 0x89, 0x0b, 0x67, 0x66, 0x89, 0x06),
    /** The word at EBX gets ECX, then EAX from that at ESI. */
    SELECT_LOAD(0x4c0, 0x67, 0x66, 0x89, 0x0b, 0x67, 0x66, 0x8b, 0x06);

    private final int start;

    @SuppressWarnings("ImmutableEnumChecker") // made by toList
    private final List<Integer> access;

    Program(int start, int... access) {
      this.start = start;
      this.access = Arrays.stream(access).boxed().toList();
    }

    /** Where it begins, from the beginning of the code segment. */
    int start() {
      return start;
    }

    /** Whether its access may fault. */
    boolean mayFault() {
      return this == WRMSR || this == RDMSR;
    }

    /** Whether it stores to a chip. */
    boolean stores() {
      return switch (this) {
        case STORE, STORE_1, STORE_2, STORE_8, WRMSR -> true;
        default -> false;
      };
    }
  }

  private GuestCode() {}

  /** Writes the programs into every page. */
  static void fill(MemorySegment memory) {
    for (int page = 0; page < memory.byteSize(); page += PAGE) {
      for (Program program : Program.values()) {
        int at = page + program.start();
        for (int i = 0; i < LEAD; i++) {
          at = put(memory, at, NOP);
        }
        for (int code : program.access) {
          at = put(memory, at, code);
        }
        at = put(memory, at, OUT_WORD);
        var _ = put(memory, at, DONE);
      }
      for (int vector = 0; vector < 256; vector++) {
        int at = page + VECTORS + 4 * vector;
        at = put(memory, at, OUT_WORD);
        at = put(memory, at, TAKEN);
        var _ = put(memory, at, IRET);
      }
    }
    for (int vector = 0; vector < 256; vector++) {
      memory.set(JAVA_SHORT_UNALIGNED, 4L * vector, (short) (VECTORS + 4 * vector));
      memory.set(JAVA_SHORT_UNALIGNED, 4L * vector + 2, (short) 0);
    }
  }

  private static int put(MemorySegment memory, int at, int code) {
    memory.set(JAVA_BYTE, at, (byte) code);
    return at + 1;
  }
}
