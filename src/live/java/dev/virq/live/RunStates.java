package dev.virq.live;

import dev.virq.errno.Errno;
import java.util.List;

/** The operation that sets the NMIs of a vCPU. */
final class RunStates {
  private RunStates() {}

  /** Changes the fields that are named. */
  static int setEvents(List<String> words, LiveVcpu vcpu) {
    Byte pending = null;
    Byte masked = null;
    for (String word : words.subList(2, words.size())) {
      String[] field = word.split("=", 2);
      byte value = (byte) Answers.number(field[1]);
      switch (field[0]) {
        case "nmi_pending" -> pending = value;
        case "nmi_masked" -> masked = value;
        default -> {
          return -Errno.EINVAL.number();
        }
      }
    }
    return vcpu.setNmis(pending, masked);
  }
}
