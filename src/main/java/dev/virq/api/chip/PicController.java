package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.chip.PicState;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.routing.Chip;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The two halves of a VM's 8259 pair, changed one by one. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/irqchip/pic",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class PicController {
  private static final int ALL = 0xff;

  /**
   * What to change of an 8259; what is left out stays. What was read may be sent back as it is.
   * Each value has 8 bits.
   *
   * @param irr requests
   * @param lastIrr levels of the lines, for finding edges
   * @param imr masked lines
   * @param isr lines in service
   * @param elcr level-triggered lines
   * @param elcrMask lines that may be
   * @param irqBase vector of line 0
   * @param priorityAdd the line of the highest priority
   * @param autoEoi 1 when acknowledgement ends the interrupt
   * @param rotateOnAutoEoi 1 when that moves the priority
   * @param specialFullyNestedMode 1 when a slave in service lets its higher lines through
   * @param specialMask without effect
   * @param initState the initialisation command word expected, 0 for none
   * @param init4 1 when a fourth is announced
   * @param readRegSelect 1 when the command port reads isr rather than irr
   * @param poll 1 when the next read polls
   */
  @Schema(name = "PicRequest", example = "{\"imr\":0,\"irqBase\":32}")
  record PicRequest(
      @Nullable Integer irr,
      @Nullable Integer lastIrr,
      @Nullable Integer imr,
      @Nullable Integer isr,
      @Nullable Integer elcr,
      @Nullable Integer elcrMask,
      @Nullable Integer irqBase,
      @Nullable Integer priorityAdd,
      @Nullable Integer autoEoi,
      @Nullable Integer rotateOnAutoEoi,
      @Nullable Integer specialFullyNestedMode,
      @Nullable Integer specialMask,
      @Nullable Integer initState,
      @Nullable Integer init4,
      @Nullable Integer readRegSelect,
      @Nullable Integer poll) {

    PicState over(PicState before) {
      return new PicState(
          or("/irr", irr, before.irr()),
          or("/lastIrr", lastIrr, before.lastIrr()),
          or("/imr", imr, before.imr()),
          or("/isr", isr, before.isr()),
          or("/elcr", elcr, before.elcr()),
          or("/elcrMask", elcrMask, before.elcrMask()),
          or("/irqBase", irqBase, before.irqBase()),
          or("/priorityAdd", priorityAdd, before.priorityAdd()),
          or("/autoEoi", autoEoi, before.autoEoi()),
          or("/rotateOnAutoEoi", rotateOnAutoEoi, before.rotateOnAutoEoi()),
          or("/specialFullyNestedMode", specialFullyNestedMode, before.specialFullyNestedMode()),
          or("/specialMask", specialMask, before.specialMask()),
          or("/initState", initState, before.initState()),
          or("/init4", init4, before.init4()),
          or("/readRegSelect", readRegSelect, before.readRegSelect()),
          or("/poll", poll, before.poll()));
    }
  }

  private static int or(String pointer, @Nullable Integer value, int before) {
    return value == null ? before : (int) Params.between(pointer, value, 0, ALL);
  }

  @PutMapping(path = "/{half}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "restorePic",
      summary = "Change fields of an 8259, as a host restore does",
      description = "The pair is looked at again afterwards.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  PicState restorePic(
      @PathVariable String vm, @PathVariable String half, @RequestBody PicRequest body, Host host) {
    Chip one =
        switch (half.toLowerCase(Locale.ROOT)) {
          case "master" -> Chip.MASTER;
          case "slave" -> Chip.SLAVE;
          default -> throw Params.unknownWord("half", half, List.of("master", "slave"));
        };
    return host.chips().chips(Params.id(ObjectId.VM, vm), port -> port.changePic(one, body::over));
  }
}
