package dev.virq.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.VirqApplication;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The fuzzer finds what was planted for it, with no more requests than it has in every build. */
@org.junit.jupiter.api.Tag("thorough")
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      Fuzzer.SHORT_WAITS,
      Fuzzer.SHORT_HOLDS,
      "springdoc.packages-to-scan=dev.virq.api,dev.virq.fuzz"
    })
@Import(PlantedIT.Planted.class)
class PlantedIT {
  private static final int REQUESTS = 120_000;
  private static final long RARE = 4096;

  /**
   * What the planted operations take.
   *
   * @param value a number; each is wrong about one that is rare
   */
  @Schema(name = "PlantedRequest", example = "{\"value\":1}")
  record PlantedRequest(Long value) {
    PlantedAnswer answer() {
      return new PlantedAnswer(value == null ? 0 : value);
    }

    boolean isRare() {
      return answer().value() == RARE;
    }
  }

  /**
   * What they answer.
   *
   * @param value the number
   */
  @Schema(name = "PlantedAnswer")
  record PlantedAnswer(long value) {}

  /** Five operations, each with a defect that only one value shows. */
  @TestConfiguration(proxyBeanMethods = false)
  @RestController
  @RequestMapping(path = "/v1/planted", produces = "application/json")
  @Tag(name = "99 Planted", description = "Defects.")
  static class Planted {
    private static final Logger LOG = LoggerFactory.getLogger(Planted.class);

    @PostMapping(path = "/throws", consumes = "application/json")
    @Operation(operationId = "plantedThrow", summary = "Throws")
    PlantedAnswer throwing(@RequestBody PlantedRequest body) {
      if (body.isRare()) {
        throw new IllegalStateException("planted");
      }
      return body.answer();
    }

    @PostMapping(path = "/noproblem", consumes = "application/json")
    @Operation(operationId = "plantedText", summary = "Answers an error that is no problem")
    ResponseEntity<?> noProblem(@RequestBody PlantedRequest body) {
      return body.isRare()
          ? ResponseEntity.badRequest()
              .header("Content-Type", "text/plain")
              .body("no".getBytes(StandardCharsets.UTF_8))
          : ResponseEntity.ok(body.answer());
    }

    @PostMapping(path = "/status", consumes = "application/json")
    @Operation(operationId = "plantedStatus", summary = "Answers an undocumented status")
    ResponseEntity<PlantedAnswer> status(@RequestBody PlantedRequest body) {
      return ResponseEntity.status(body.isRare() ? 418 : 200).body(body.answer());
    }

    @PostMapping(path = "/log", consumes = "application/json")
    @Operation(operationId = "plantedLog", summary = "Logs a stack trace")
    PlantedAnswer log(@RequestBody PlantedRequest body) {
      if (body.isRare()) {
        LOG.warn("planted", new IllegalStateException("planted"));
      }
      return body.answer();
    }

    @PostMapping(path = "/member", consumes = "application/json")
    @Operation(operationId = "plantedMember", summary = "Answers an undocumented member")
    @ApiResponse(
        responseCode = "200",
        description = "OK",
        content = @Content(schema = @Schema(implementation = PlantedAnswer.class)))
    Object member(@RequestBody PlantedRequest body) {
      return body.isRare() ? java.util.Map.of("values", 1) : body.answer();
    }
  }

  @LocalServerPort int port;

  @Test
  void everyPlantedDefectIsFoundAndShownSmall() throws Exception {
    List<Finding> findings;
    try (LogWatch log = new LogWatch()) {
      findings = new Fuzzer(port, 14, 8).run(REQUESTS, log).findings();
    }

    assertThat(findings)
        .anyMatch(one -> one.operation().equals("plantedThrow") && one.fault().equals("status 500"))
        .anyMatch(
            one -> one.operation().equals("plantedText") && one.fault().contains("no problem"))
        .anyMatch(one ->
            one.operation().equals("plantedStatus")
                && one.fault().contains("418 is not documented"))
        .anyMatch(one -> one.operation().equals("log") && one.fault().contains("Planted: planted"))
        .anyMatch(one ->
            one.operation().equals("plantedMember") && one.fault().contains("not documented"));
    assertThat(findings)
        .filteredOn(
            one -> one.operation().equals("plantedThrow") && one.fault().equals("status 500"))
        .allSatisfy(one ->
            assertThat(new String(one.request(), StandardCharsets.ISO_8859_1))
                .contains("4096")
                .hasSizeLessThan(200));
    // And nothing else was wrong.
    assertThat(findings)
        .allMatch(one ->
            one.operation().startsWith("planted")
                // The same, in a row of requests.
                || new String(one.request(), StandardCharsets.ISO_8859_1).contains("/v1/planted/")
                || one.fault().contains("anted") // the log's lines of the two that are logged
                || one.fault().contains("request fuzz-"));
  }
}
