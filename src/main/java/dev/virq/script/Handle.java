package dev.virq.script;

import java.util.HashMap;
import java.util.Map;

/** What a name of a script stands for while it is open. */
sealed interface Handle {
  /**
   * A VM's descriptor and those of its vCPUs.
   *
   * @param id the VM's number
   * @param vcpus numbers of its vCPUs by name
   */
  record Machine(long id, Map<String, Long> vcpus) implements Handle {
    /** Without vCPUs. */
    Machine(long id) {
      this(id, new HashMap<>());
    }
  }

  /**
   * A descriptor of an eventfd.
   *
   * @param fd its number
   */
  record Eventfd(int fd) implements Handle {}

  /**
   * A descriptor of the reading end of a pipe that stays empty.
   *
   * @param fd its number
   */
  record Pipe(int fd) implements Handle {}
}
