package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.routing.Chip;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where the lines of a VM lead, and messages without a line. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/vms/{vm}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class RoutingController {
  private static final long WORD = 0xffff_ffffL;

  /**
   * A message.
   *
   * @param address bits 19-12 destination, bit 2 logical, bit 3 redirection hint; those above 32
   *     have no effect
   * @param data bits 7-0 vector, 10-8 delivery mode, 15 level
   */
  @Schema(name = "Msi", example = "{\"address\":4276092928,\"data\":65}")
  record MsiJson(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long address,
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long data) {

    long address(String at) {
      return Params.required(at + "/address", address, 0, Long.MAX_VALUE);
    }

    long data(String at) {
      return Params.required(at + "/data", data, 0, WORD);
    }
  }

  /**
   * An entry: to a pin of a chip, or to a message.
   *
   * @param gsi the line
   * @param chip with pin
   * @param pin with chip
   * @param msi in place of both
   */
  @Schema(name = "Route")
  record RouteJson(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long gsi,
      @Nullable Chip chip,
      @Nullable Long pin,
      @Nullable MsiJson msi) {

    static RouteJson of(RoutingEntry entry) {
      return switch (entry) {
        case RoutingEntry.Pin(long gsi, long chip, long pin, long _) ->
            new RouteJson(gsi, Chip.values()[(int) chip], pin, null);
        case RoutingEntry.Message message ->
            new RouteJson(
                message.gsi(),
                null,
                null,
                new MsiJson(message.address() | message.addressHigh() << 32, message.data()));
        case RoutingEntry.Other other -> throw new IllegalStateException(other + " is in a table");
      };
    }

    RoutingEntry entry(String at) {
      long line = Params.required(at + "/gsi", gsi, 0, WORD);
      if (msi != null) {
        if (chip != null || pin != null) {
          throw Params.invalid(at, "give either msi or chip and pin, not both");
        }
        long address = msi.address(at + "/msi");
        return new RoutingEntry.Message(
            line, address & WORD, msi.data(at + "/msi"), address >>> 32, 0);
      }
      Chip target = Params.required(at + "/chip", chip);
      return new RoutingEntry.Pin(
          line, target.ordinal(), Params.required(at + "/pin", pin, 0, WORD), 0);
    }
  }

  /**
   * A routing table.
   *
   * @param entries in any order; at most 4,096
   */
  @Schema(
      name = "Routing",
      example =
          "{\"entries\":[{\"gsi\":5,\"chip\":\"IOAPIC\",\"pin\":5},{\"gsi\":40,\"msi\":"
              + "{\"address\":4276092928,\"data\":65}}]}")
  record RoutingJson(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable List<RouteJson> entries) {
    static RoutingJson of(RoutingTable table) {
      return new RoutingJson(table.entries().stream().map(RouteJson::of).toList());
    }
  }

  /**
   * What became of a message.
   *
   * @param status how many local APICs accepted it
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "MsiStatus")
  record MsiStatusJson(int status, long seq) {}

  @GetMapping("/routing")
  @Operation(
      operationId = "getRouting",
      summary = "Show where the lines lead",
      description = "A VM with a full controller begins with Linux's own table.")
  @AnswersErrno(Errno.EBADF)
  RoutingJson get(@PathVariable String vm, Host host) {
    return RoutingJson.of(host.chips().routing(Params.id(ObjectId.VM, vm)));
  }

  @PutMapping(path = "/routing", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "replaceRouting",
      summary = "Replace the routing table",
      description = "Bound irqfds follow it at once. A table that is refused leaves the old one.")
  @AnswersErrno({Errno.EBADF, Errno.EMFILE, Errno.ENFILE})
  RoutingJson set(@PathVariable String vm, @RequestBody RoutingJson body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    List<RouteJson> routes = Params.required("/entries", body.entries());
    List<RoutingEntry> entries =
        IntStream.range(0, routes.size())
            .mapToObj(i -> Params.required("/entries/" + i, routes.get(i)).entry("/entries/" + i))
            .toList();
    host.chips().setRouting(id, entries, 0);
    return RoutingJson.of(host.chips().routing(id));
  }

  @PostMapping(path = "/msi", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "signalMsi",
      summary = "Send a message, as KVM_SIGNAL_MSI",
      description = "EPERM when no vCPU is meant.")
  @AnswersErrno({Errno.EBADF, Errno.EPERM})
  MsiStatusJson signal(@PathVariable String vm, @RequestBody MsiJson body, Host host) {
    int status =
        host.chips().signalMsi(Params.id(ObjectId.VM, vm), body.address(""), body.data(""), 0);
    return new MsiStatusJson(status, host.seq());
  }
}
