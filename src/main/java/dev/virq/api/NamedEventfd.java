package dev.virq.api;

import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.Params;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.errno.ObjectId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An eventfd that a body names, and the member that names it. */
record NamedEventfd(String pointer, EventfdName ref) {
  static NamedEventfd of(
      String fdPointer, @Nullable Long fd, String idPointer, @Nullable String id) {
    if (fd != null && id != null) {
      throw Params.invalid(
          idPointer,
          "give either %s or %s, not both"
              .formatted(fdPointer.substring(1), idPointer.substring(1)));
    }
    if (fd != null) {
      // A negative number is a descriptor that is not open, as for the kernel.
      return new NamedEventfd(fdPointer, EventfdName.fd(fd));
    }
    if (id != null) {
      return new NamedEventfd(
          idPointer, EventfdName.id(Params.id(idPointer, ObjectId.EVENTFD, id)));
    }
    throw Params.invalid(
        fdPointer,
        "either %s or %s is required".formatted(fdPointer.substring(1), idPointer.substring(1)));
  }

  /** EBADF of a descriptor in the body says which member named it, and so becomes a 422. */
  static ErrnoException pointedAt(
      ErrnoException e, NamedEventfd trigger, @Nullable NamedEventfd resample) {
    Object descriptor = e.facts().get("descriptor");
    if (e.errno() != Errno.EBADF || descriptor == null) {
      return e;
    }
    String pointer =
        resample == null || descriptor.equals(trigger.ref().toString())
            ? trigger.pointer()
            : resample.pointer();
    return new ErrnoException(
        Errno.EBADF,
        e.sentence(),
        Map.of(
            "descriptor",
            descriptor,
            "errors",
            List.of(new ErrnoProblem.Member(pointer, e.sentence()))));
  }
}
