package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of one script: its descriptor table. One thread at a time. */
final class Names {
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

  private final Map<String, Handle> open = new LinkedHashMap<>();

  /** What the name stands for, or null when nothing open has that name. */
  @Nullable Handle find(String name) {
    return open.get(name);
  }

  /** What the name stands for; EBADF when nothing open has it. */
  Handle require(String name) {
    Handle handle = open.get(name);
    if (handle == null) {
      throw notOpen(name);
    }
    return handle;
  }

  /** The VM of that name; EBADF when nothing open has the name, ENOTTY when it is not a VM. */
  Handle.Machine requireVm(String name) {
    if (require(name) instanceof Handle.Machine vm) {
      return vm;
    }
    throw new ErrnoException(Errno.ENOTTY, name + " is not a VM");
  }

  /** The number of a VM's vCPU; EBADF when nothing open has either name. */
  long requireVcpu(String vm, String vcpu) {
    Long number = requireVm(vm).vcpus().get(vcpu);
    if (number == null) {
      throw notOpen(vcpu);
    }
    return number;
  }

  /** Names are not created while in use: EEXIST, before anything is created. */
  void requireFree(String name) {
    if (open.containsKey(name)) {
      throw new ErrnoException(Errno.EEXIST, "the name " + name + " is already in use");
    }
  }

  /** Gives what was opened a name. */
  void put(String name, Handle handle) {
    open.put(name, handle);
  }

  /** The name stands for nothing any more. */
  void remove(String name) {
    open.remove(name);
  }

  /** What is open, in the order of opening; the names stand for nothing any more. */
  List<Handle> removeAll() {
    List<Handle> all = List.copyOf(open.values());
    open.clear();
    return all;
  }

  private static ErrnoException notOpen(String name) {
    return new ErrnoException(Errno.EBADF, name + " is not open");
  }
}
