package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.irqchip.PitPort;
import dev.virq.pit.PitState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The PIT of a VM, as the host sees it. The guest's side are ports 64 to 67 and 97. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/pit",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class PitController {
  private static final long WORD = 0xffff_ffffL;
  private static final int HALF = 0xffff;
  private static final int BYTE = 0xff;

  /**
   * A PIT to be made.
   *
   * @param speaker whether it has the speaker's port, 97; it has none when left out
   */
  @Schema(name = "PitRequest", example = "{\"speaker\":true}")
  record PitRequest(@Nullable Boolean speaker) {}

  /**
   * Whether ticks that the guest missed are made up for.
   *
   * @param reinject true for made up
   */
  @Schema(name = "ReinjectionRequest", example = "{\"reinject\":true}")
  record ReinjectionRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Boolean reinject) {}

  /**
   * A PIT.
   *
   * @param channels its three counters
   * @param flags 1 when an HPET has taken the place of counter 0, 2 when the speaker's data is on
   * @param speaker whether it has the speaker's port
   * @param reinject whether ticks that the guest missed are made up for
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Pit")
  record PitJson(
      List<PitState.Channel> channels, long flags, boolean speaker, boolean reinject, long seq) {
    static PitJson of(Host host, PitPort.View pit) {
      return new PitJson(
          pit.state().channels(), pit.state().flags(), pit.speaker(), pit.reinject(), host.seq());
    }
  }

  /**
   * What to change of a counter; what is left out stays.
   *
   * @param count what it counts down from; 0 stands for 65536
   * @param latchedCount a count kept for reading
   * @param countLatched which bytes of it are left to read, as readState; 0 for none
   * @param statusLatched not 0 when a status is kept for reading
   * @param status that status
   * @param readState the byte that is read next: 1 low, 2 high, 3 low of both, 4 high of both
   * @param writeState the byte that is written next, likewise
   * @param writeLatch the low byte of a count whose high one is missing
   * @param rwMode the bytes that accesses mean: 1 low, 2 high, 3 both
   * @param mode 0 to 5; 255 before the first control word
   * @param bcd without effect
   * @param gate whether counting is let through
   */
  @Schema(name = "PitChannelRequest", example = "{\"mode\":2,\"count\":11932}")
  record ChannelRequest(
      @Nullable Long count,
      @Nullable Integer latchedCount,
      @Nullable Integer countLatched,
      @Nullable Integer statusLatched,
      @Nullable Integer status,
      @Nullable Integer readState,
      @Nullable Integer writeState,
      @Nullable Integer writeLatch,
      @Nullable Integer rwMode,
      @Nullable Integer mode,
      @Nullable Integer bcd,
      @Nullable Integer gate) {
    PitState.Channel over(String at, PitState.Channel before) {
      return new PitState.Channel(
          count == null ? before.count() : Params.between(at + "/count", count, 0, WORD),
          or(at + "/latchedCount", latchedCount, before.latchedCount(), HALF),
          or(at + "/countLatched", countLatched, before.countLatched(), BYTE),
          or(at + "/statusLatched", statusLatched, before.statusLatched(), BYTE),
          or(at + "/status", status, before.status(), BYTE),
          or(at + "/readState", readState, before.readState(), BYTE),
          or(at + "/writeState", writeState, before.writeState(), BYTE),
          or(at + "/writeLatch", writeLatch, before.writeLatch(), BYTE),
          or(at + "/rwMode", rwMode, before.rwMode(), BYTE),
          or(at + "/mode", mode, before.mode(), BYTE),
          or(at + "/bcd", bcd, before.bcd(), BYTE),
          or(at + "/gate", gate, before.gate(), BYTE));
    }

    private static int or(String pointer, @Nullable Integer value, int before, int most) {
      return value == null ? before : (int) Params.between(pointer, value, 0, most);
    }
  }

  /**
   * What to change of a PIT; what is left out stays.
   *
   * @param channels all three counters; {} for one that stays as it is
   * @param flags 1 when an HPET takes the place of counter 0, 2 when the speaker's data is on
   */
  @Schema(name = "PitStateRequest", example = "{\"flags\":0}")
  record StateRequest(@Nullable List<@Nullable ChannelRequest> channels, @Nullable Long flags) {
    PitState over(PitState before) {
      PitState after =
          new PitState(
              before.channels(),
              flags == null ? before.flags() : Params.between("/flags", flags, 0, WORD));
      if (channels == null) {
        return after;
      }
      if (channels.size() != PitState.CHANNELS) {
        throw Params.invalid(
            "/channels", "has %d elements, not %d".formatted(channels.size(), PitState.CHANNELS));
      }
      for (int i = 0; i < PitState.CHANNELS; i++) {
        String at = "/channels/" + i;
        ChannelRequest change = Params.required(at, channels.get(i));
        after = after.with(i, change.over(at, before.channels().get(i)));
      }
      return after;
    }
  }

  @PutMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "createPit",
      summary = "Give a VM a PIT, as KVM_CREATE_PIT2",
      description =
          "Its counter 0 drives line 0. A VM that has one already is EEXIST; one without a full"
              + " controller is ENOENT.")
  @AnswersErrno({Errno.EBADF, Errno.EEXIST})
  PitJson create(@PathVariable String vm, @RequestBody PitRequest body, Host host) {
    boolean speaker = body.speaker() != null && body.speaker();
    return PitJson.of(host, host.chips().createPit(Params.id(ObjectId.VM, vm), speaker));
  }

  @GetMapping
  @Operation(
      operationId = "getPit",
      summary = "Show the PIT",
      description = "A VM without one is ENXIO.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  PitJson get(@PathVariable String vm, Host host) {
    return PitJson.of(host, host.chips().pit(Params.id(ObjectId.VM, vm), PitPort::view));
  }

  @PutMapping(path = "/state", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "restorePit",
      summary = "Change the PIT, as KVM_SET_PIT2",
      description = "All three counts are loaded again, those that stay as they are included.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  PitJson restore(@PathVariable String vm, @RequestBody StateRequest body, Host host) {
    return PitJson.of(
        host, host.chips().pit(Params.id(ObjectId.VM, vm), port -> port.change(body::over)));
  }

  @PutMapping(path = "/reinjection", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setReinjection",
      summary = "Say whether missed ticks are made up for, as KVM_REINJECT_CONTROL",
      description =
          "They are at first: the next tick is injected when the guest has acknowledged the one"
              + " before, and those that came meanwhile follow one by one.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  PitJson reinjection(@PathVariable String vm, @RequestBody ReinjectionRequest body, Host host) {
    boolean on = Params.required("/reinject", body.reinject());
    return PitJson.of(
        host, host.chips().pit(Params.id(ObjectId.VM, vm), port -> port.reinject(on)));
  }
}
