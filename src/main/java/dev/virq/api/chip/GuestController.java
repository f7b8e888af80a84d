package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.irqchip.Access;
import dev.virq.irqchip.GuestPort;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the guest does on a vCPU. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus/{n}",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class GuestController {
  private static final long WORD = 0xffff_ffffL;

  /**
   * An access of the guest; one of port, ioapic, lapic, address and msr.
   *
   * @param port a port, such as 32
   * @param ioapic a register's index
   * @param lapic a register's offset
   * @param address where in memory; the chips' registers are at 4273995776 (I/O APIC) and
   *     4276092928 (local APIC)
   * @param msr a model-specific register of 8 bytes: 27, the APIC base, 1760, the deadline of the
   *     timer, 2048 to 2303, the local APIC in x2APIC mode
   * @param bytes how many, with port 1, 2 or 4, with address 1, 2, 4 or 8; when left out 1 of a
   *     port, else 4
   * @param value what to write, of 8 bytes the low half; a read when left out
   * @param high the high half of 8 bytes to write; 0 when left out
   */
  @Schema(name = "IoRequest", example = "{\"lapic\":128,\"value\":0}")
  record IoRequest(
      @Nullable Long port,
      @Nullable Long ioapic,
      @Nullable Long lapic,
      @Nullable Long address,
      @Nullable Long msr,
      @Schema(allowableValues = {"1", "2", "4", "8"}) @Nullable Integer bytes,
      @Nullable Long value,
      @Nullable Long high) {
    int bytes(int otherwise, int most) {
      if (bytes == null) {
        return otherwise;
      }
      if (bytes < 1 || bytes > most || Integer.bitCount(bytes) != 1) {
        throw Params.invalid(
            "/bytes", "%d is not one of 1, 2, 4%s".formatted(bytes, most == 8 ? ", 8" : ""));
      }
      return bytes;
    }

    /** What to write in so many bytes; null for a read. */
    @Nullable Long written(int size) {
      if (high != null && (size != 8 || value == null)) {
        throw Params.invalid("/high", "is for a value of 8 bytes");
      }
      if (value == null) {
        return null;
      }
      long low = Params.between("/value", value, 0, WORD >>> Math.max(0, 32 - 8 * size));
      return low | (high == null ? 0 : Params.between("/high", high, 0, WORD)) << 32;
    }
  }

  /**
   * What an operation of the guest did.
   *
   * @param vector the vector taken into service, or ended; absent when there was none
   * @param resampled irqfds whose resample eventfd was signalled
   * @param handled whether some chip claims the port or address
   * @param value what was read, of 8 bytes the low half
   * @param high the high half of 8 bytes that were read
   * @param nmis NMIs that the vCPU took meanwhile
   * @param eoiExit the vector whose end was told to user space; split controller only
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "GuestAnswer")
  record GuestJson(
      @Nullable Integer vector,
      List<String> resampled,
      boolean handled,
      @Nullable Long value,
      @Nullable Long high,
      int nmis,
      @Nullable Integer eoiExit,
      long seq) {

    static GuestJson of(Host host, Access access, @Nullable Integer vector) {
      return of(host, access, vector, 4);
    }

    static GuestJson of(Host host, Access access, @Nullable Integer vector, int bytes) {
      Long read = vector == null || access.ended() != null ? access.value() : null;
      return new GuestJson(
          vector,
          access.told().stream().map(irqfd -> ObjectId.IRQFD.of(irqfd)).toList(),
          access.handled(),
          read == null ? null : (Long) (read & WORD),
          read == null || bytes < 8 ? null : (Long) (read >>> 32),
          access.nmis(),
          access.eoiExit(),
          host.seq());
    }
  }

  @PostMapping("/ack")
  @Operation(
      operationId = "acknowledgeInterrupt",
      summary = "The vCPU takes its highest deliverable vector into service",
      description =
          "With from=pic it takes an interrupt of the 8259 pair instead, if it accepts them and one"
              + " is requested.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson acknowledge(
      @PathVariable String vm,
      @PathVariable String n,
      @RequestParam(required = false) @Nullable String from,
      Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = VcpuController.vcpu(n);
    if (from != null && !from.equals("pic")) {
      throw Params.invalid(
          "from \"%s\" is not allowed; the only value is pic".formatted(Params.shown(from)));
    }
    if (from != null) {
      Access access = host.vcpus().guest(id, vcpu, guest -> guest.picAck(vcpu));
      Long vector = access.value();
      return GuestJson.of(host, access, vector == null ? null : (Integer) vector.intValue());
    }
    int vector = host.vcpus().lapics(id, port -> port.takeVector(vcpu));
    return new GuestJson(
        vector < 0 ? null : vector, List.of(), true, null, null, 0, null, host.seq());
  }

  @PostMapping("/eoi")
  @Operation(
      operationId = "endInterrupt",
      summary = "The vCPU ends its highest interrupt in service",
      description =
          "A level-triggered line that is still high is delivered again; resample irqfds of the"
              + " line let go of it and their resample eventfds are signalled.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson endOfInterrupt(@PathVariable String vm, @PathVariable String n, Host host) {
    long vcpu = VcpuController.vcpu(n);
    Access access = host.vcpus().eoi(Params.id(ObjectId.VM, vm), vcpu);
    return GuestJson.of(host, access, access.ended());
  }

  @PostMapping(path = "/io", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "accessRegister",
      summary = "The guest accesses a port or a register",
      description = "NMIs that are pending are taken before the access.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson io(
      @PathVariable String vm, @PathVariable String n, @RequestBody IoRequest body, Host host) {
    long vcpu = VcpuController.vcpu(n);
    long id = Params.id(ObjectId.VM, vm);
    requireOnePlace(body);
    Access access =
        body.msr() != null
            ? msr(host, id, vcpu, body)
            : host.vcpus().guest(id, vcpu, access(vcpu, body));
    return GuestJson.of(
        host,
        access,
        access.ended(),
        body.msr() != null ? 8 : body.address() == null ? 4 : body.bytes(4, 8));
  }

  private static void requireOnePlace(IoRequest body) {
    if (Stream.of(body.port(), body.ioapic(), body.lapic(), body.address(), body.msr())
            .filter(Objects::nonNull)
            .count()
        != 1) {
      throw Params.invalid("", "give exactly one of port, ioapic, lapic, address and msr");
    }
  }

  private static Access msr(Host host, long vm, long vcpu, IoRequest body) {
    requireWhole(body);
    long register = Params.between("/msr", Params.required("/msr", body.msr()), 0, WORD);
    return host.vcpus().guestMsr(vm, vcpu, register, body.written(8));
  }

  private static void requireWhole(IoRequest body) {
    if (body.bytes() != null) {
      throw Params.invalid("/bytes", "is for a port or an address: a register has 4");
    }
  }

  private static Function<GuestPort, Access> access(long vcpu, IoRequest body) {
    if (body.port() != null) {
      int port = (int) Params.between("/port", body.port(), 0, 0xffff);
      int bytes = body.bytes(1, 4);
      Long written = body.written(bytes);
      return written == null
          ? guest -> guest.in(vcpu, port, bytes)
          : guest -> guest.out(vcpu, port, bytes, written.intValue());
    }
    if (body.address() != null) {
      int bytes = body.bytes(4, 8);
      long address = Params.between("/address", body.address(), 0, WORD);
      Long written = body.written(bytes);
      return written == null
          ? guest -> guest.load(vcpu, address, bytes)
          : guest -> guest.store(vcpu, address, bytes, written);
    }
    requireWhole(body);
    Long value = body.written(4);
    int written = value == null ? 0 : value.intValue();
    if (body.ioapic() != null) {
      int index = (int) Params.between("/ioapic", body.ioapic(), 0, 0xff);
      return value == null
          ? guest -> guest.ioapicRead(vcpu, index)
          : guest -> guest.ioapicWrite(vcpu, index, written);
    }
    long offset = Params.required("/lapic", body.lapic(), 0, 0xfff);
    return value == null
        ? guest -> guest.lapicRead(vcpu, offset)
        : guest -> guest.lapicWrite(vcpu, offset, written);
  }
}
