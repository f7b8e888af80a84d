package dev.virq.api.scenarios;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A scenario: calls in their order, and what each is expected to answer.
 *
 * @param name what it is called in paths
 * @param title what it is called by people
 * @param shows what one sees
 * @param marks of the 2009 patch that it passes
 * @param sources pages of the documents that explain it
 * @param steps in order
 */
@Schema(name = "Scenario")
record Scenario(
    String name,
    String title,
    String shows,
    List<String> marks,
    List<String> sources,
    List<Step> steps) {

  /**
   * A step.
   *
   * @param n its number, from 1
   * @param text what it does
   * @param mark of the 2009 patch
   * @param call what is called; what stands in braces was kept by a step before
   * @param times how often it is called, {i} being 1, 2 and so on; absent for once
   * @param expected status, and by JSON pointer what the answer is to have
   * @param keep by name what of the answer later steps use, as JSON pointers
   * @param always whether it is taken after a failure, too, to clean up
   * @param part the part of the story that begins with it; absent while one goes on
   */
  @Schema(name = "ScenarioStep")
  record Step(
      int n,
      String text,
      @Nullable String mark,
      Call call,
      @Nullable Integer times,
      Map<String, Object> expected,
      @Nullable Map<String, String> keep,
      @Nullable Boolean always,
      @Nullable Part part) {}

  /**
   * Steps that are told together.
   *
   * @param name what it is called in the story, such as Step 1
   * @param title what happens
   * @param text what there is to see
   * @param code lines of the 2009 patch that it stands for
   */
  @Schema(name = "ScenarioPart")
  record Part(String name, String title, String text, List<String> code) {}

  /**
   * A call of the API.
   *
   * @param method of HTTP
   * @param path with the query; {S} is the path of the sandbox, {T} that of another one, which the
   *     scenario makes
   * @param body JSON; absent for none
   */
  @Schema(name = "ScenarioCall")
  record Call(String method, String path, @Nullable Object body) {}
}
