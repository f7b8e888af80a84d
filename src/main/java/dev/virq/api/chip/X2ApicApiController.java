package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a user has agreed to of x2APIC, for a whole VM. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/x2apic-api",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.VMS)
public class X2ApicApiController {
  /** What there is to agree to, in the order of the bits. */
  enum X2ApicFlag {
    /** Ids have 32 bits in the states of local APICs and in the addresses of messages. */
    USE_32BIT_IDS,
    /** Destination 255 is one vCPU where ids have 32 bits. */
    DISABLE_BROADCAST_QUIRK;

    int bit() {
      return 1 << ordinal();
    }
  }

  /**
   * What to agree to.
   *
   * @param flags which; they are added to those that were agreed to
   */
  @Schema(name = "X2ApicApiRequest", example = "{\"flags\":[\"USE_32BIT_IDS\"]}")
  record X2ApicApiRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
          @Nullable List<@Nullable X2ApicFlag> flags) {}

  /**
   * What was agreed to.
   *
   * @param flags all of them
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "X2ApicApi")
  record X2ApicApiJson(List<X2ApicFlag> flags, long seq) {}

  @PutMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setX2ApicApi",
      summary = "Agree to more of x2APIC, as KVM_CAP_X2APIC_API",
      description = "At any time; what was agreed to stays.")
  @AnswersErrno(Errno.EBADF)
  X2ApicApiJson set(@PathVariable String vm, @RequestBody X2ApicApiRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    List<@Nullable X2ApicFlag> flags = Params.required("/flags", body.flags());
    int bits = 0;
    for (int i = 0; i < flags.size(); i++) {
      bits |= Params.required("/flags/" + i, flags.get(i)).bit();
    }
    host.vcpus().x2apic(id, bits);
    int all = host.vms().find(id).vm().x2apic();
    return new X2ApicApiJson(
        Arrays.stream(X2ApicFlag.values()).filter(flag -> (all & flag.bit()) != 0).toList(),
        host.seq());
  }
}
