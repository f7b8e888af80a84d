package dev.virq.api;

import dev.virq.api.http.Params;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.irqfd.IrqfdState;
import dev.virq.irqfd.IrqfdView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which irqfds of a VM a list shows.
 *
 * @param vm the VM's number
 * @param state in this state; null: in any but FREED
 * @param gsi bound to this line; null: to any
 * @param eventfd bound to the eventfd of this number; null: to any
 */
record IrqfdFilter(
    long vm, @Nullable IrqfdState state, @Nullable Long gsi, @Nullable Long eventfd) {
  /** Irqfds looked at in one go while a page is filled. */
  private static final int CHUNK = 1_000;

  /** As the query says it. */
  static IrqfdFilter of(
      long vm, @Nullable String state, @Nullable String gsi, @Nullable String eventfd) {
    return new IrqfdFilter(
        vm,
        state == null ? null : state(state),
        gsi == null ? null : (Long) Params.gsi(gsi),
        eventfd == null ? null : (Long) Params.id(ObjectId.EVENTFD, eventfd));
  }

  private static IrqfdState state(String state) {
    return Arrays.stream(IrqfdState.values())
        .filter(one -> one.name().equals(state))
        .findFirst()
        .orElseThrow(() ->
            Params.unknownWord(
                "state", state, Arrays.stream(IrqfdState.values()).map(IrqfdState::name).toList()));
  }

  private boolean matches(IrqfdView irqfd) {
    return irqfd.vmId() == vm
        && (state == null || irqfd.info().state() == state)
        && (gsi == null || irqfd.gsi() == gsi)
        && (eventfd == null || irqfd.eventfdId() == eventfd);
  }

  /** At most so many, from the irqfd after that number on. */
  List<IrqfdView> found(Host host, long first, int most) {
    List<IrqfdView> found = new ArrayList<>();
    long after = first;
    while (true) {
      List<? extends IrqfdView> chunk =
          state == IrqfdState.FREED
              ? host.irqfds().listFreed(after, CHUNK)
              : host.irqfds().list(vm, after, CHUNK);
      for (IrqfdView irqfd : chunk) {
        if (matches(irqfd)) {
          found.add(irqfd);
        }
        if (found.size() == most) {
          return found;
        }
      }
      if (chunk.size() < CHUNK) {
        return found;
      }
      after = chunk.getLast().irqfdId();
    }
  }
}
