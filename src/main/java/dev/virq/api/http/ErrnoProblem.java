package dev.virq.api.http;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of every error: RFC 9457 with the errno that decides.
 *
 * @param type link to the text about the errno
 * @param title the errno in a few words
 * @param status the HTTP status
 * @param detail one sentence that names the offending value
 * @param instance path of the request
 * @param errno name of the error as Linux has it
 * @param errnoNumber its number on x86-64
 * @param requestId the request, as in the header X-Request-Id
 * @param sandbox the sandbox in the path, if any
 * @param node the instance that answered
 * @param epoch the life of that instance, as in the header X-Epoch
 * @param errors the members of the body that were refused
 * @param pending what a wait still waited for
 * @param heldBy the threads held at breakpoints that keep it from ending
 * @param facts what else this occurrence has to say, such as conflict or limit
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"type", "title", "status", "detail", "instance", "errno", "errnoNumber"})
@Schema(additionalProperties = Schema.AdditionalPropertiesValue.TRUE)
public record ErrnoProblem(
    @Schema(requiredMode = RequiredMode.REQUIRED, example = "/problems/EBUSY") String type,
    @Schema(requiredMode = RequiredMode.REQUIRED, example = "Busy") String title,
    @Schema(requiredMode = RequiredMode.REQUIRED, example = "409") int status,
    @Schema(requiredMode = RequiredMode.REQUIRED) String detail,
    @Schema(requiredMode = RequiredMode.REQUIRED) String instance,
    @Schema(requiredMode = RequiredMode.REQUIRED, example = "EBUSY") String errno,
    @Schema(requiredMode = RequiredMode.REQUIRED, example = "16") int errnoNumber,
    @Schema(requiredMode = RequiredMode.REQUIRED) String requestId,
    @Nullable String sandbox,
    @Schema(requiredMode = RequiredMode.REQUIRED) String node,
    @Schema(requiredMode = RequiredMode.REQUIRED) String epoch,
    @Nullable List<Member> errors,
    @Nullable List<InFlightJson.Pending> pending,
    @Nullable List<InFlightJson.Held> heldBy,
    @JsonAnyGetter @Schema(hidden = true) Map<String, Object> facts) {

  /**
   * A member of the request's body that was refused.
   *
   * @param pointer JSON pointer to it
   * @param detail what is wrong with it
   */
  public record Member(
      @Schema(requiredMode = RequiredMode.REQUIRED, example = "/gsi") String pointer,
      @Schema(requiredMode = RequiredMode.REQUIRED, example = "-1 is outside 0..4294967295")
          String detail) {}
}
