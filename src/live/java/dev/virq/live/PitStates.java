package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.virq.errno.Errno;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The operations on the PIT of a VM. */
final class PitStates {
  /** Fields of a counter of a byte each, in the order of the kernel's structure. */
  private static final List<String> BYTES =
      List.of(
          "count_latched",
          "status_latched",
          "status",
          "read_state",
          "write_state",
          "write_latch",
          "rw_mode",
          "mode",
          "bcd",
          "gate");

  private static final int CHANNELS = 3;
  private static final int CHANNEL_BYTES = 24;
  private static final int LATCHED = 4;
  private static final int FIRST_BYTE = 6;
  private static final int FLAGS = 72;

  private final Libc libc;
  private final MemorySegment state;

  PitStates(Libc libc, Buffers buffers) {
    this.libc = libc;
    this.state = buffers.chip;
  }

  int create(LiveVm vm, boolean speaker) {
    state.fill((byte) 0);
    state.set(JAVA_INT, 0, speaker ? 1 : 0);
    return libc.ioctl(vm.fd(), Uapi.CREATE_PIT2, state);
  }

  int reinject(LiveVm vm, int on) {
    state.fill((byte) 0);
    state.set(JAVA_BYTE, 0, (byte) on);
    return libc.ioctl(vm.fd(), Uapi.REINJECT_CONTROL, state);
  }

  Map<String, Object> get(LiveVm vm) {
    int error = libc.ioctl(vm.fd(), Uapi.GET_PIT2, state);
    if (error < 0) {
      return Answers.of(error);
    }
    List<Map<String, Object>> channels = new ArrayList<>();
    for (int channel = 0; channel < CHANNELS; channel++) {
      int at = channel * CHANNEL_BYTES;
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("count", Answers.unsigned(state.get(JAVA_INT, at)));
      fields.put("latched_count", BigInteger.valueOf(state.get(JAVA_SHORT, at + LATCHED) & 0xffff));
      for (int i = 0; i < BYTES.size(); i++) {
        fields.put(
            BYTES.get(i), BigInteger.valueOf(state.get(JAVA_BYTE, at + FIRST_BYTE + i) & 0xff));
      }
      channels.add(fields);
    }
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("channels", channels);
    value.put("flags", Answers.unsigned(state.get(JAVA_INT, FLAGS)));
    return Answers.value(value);
  }

  int set(LiveVm vm, List<String> words) {
    int error = libc.ioctl(vm.fd(), Uapi.GET_PIT2, state);
    if (error < 0) {
      return error;
    }
    for (String word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      if (!put(word.substring(0, equals), (int) Answers.number(word.substring(equals + 1)))) {
        return -Errno.EINVAL.number();
      }
    }
    return libc.ioctl(vm.fd(), Uapi.SET_PIT2, state);
  }

  private boolean put(String field, int value) {
    if (field.equals("flags")) {
      state.set(JAVA_INT, FLAGS, value);
      return true;
    }
    if (!field.matches("c[0-2]_.*")) {
      return false;
    }
    int at = (field.charAt(1) - '0') * CHANNEL_BYTES;
    String name = field.substring(3);
    int place = BYTES.indexOf(name);
    if (name.equals("count")) {
      state.set(JAVA_INT, at, value);
    } else if (name.equals("latched_count")) {
      state.set(JAVA_SHORT, at + LATCHED, (short) value);
    } else if (place >= 0) {
      state.set(JAVA_BYTE, at + FIRST_BYTE + place, (byte) value);
    } else {
      return false;
    }
    return true;
  }
}
