package dev.virq.api.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.docs.Page;
import dev.virq.script.Verb;
import dev.virq.script.Verbs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code src/docs/operations.md} shows the table of verbs. */
class OperationsPageTest {

  @Test
  void pageShowsTheTable() throws IOException {
    Page page = Page.read("operations.md");

    page.requireEqual(page.with("operations", table(Verbs.all())));
  }

  @Test
  void anOperationThatIsMissingIsFound() throws IOException {
    Page page = Page.read("operations.md");
    List<Verb> fewer = Verbs.all().subList(1, Verbs.all().size());

    assertThat(page.differences(page.with("operations", table(fewer))))
        .singleElement()
        .asString()
        .startsWith("- | `vm_create NAME` |");
  }

  private static List<String> table(List<Verb> verbs) {
    List<String> lines =
        new ArrayList<>(List.of("| operation | what it does | call |", "|---|---|---|"));
    for (Verb verb : verbs) {
      String call = RestCalls.of(verb.word());
      String path = RestCalls.path(call);
      lines.add(
          "| `%s` | %s | `%s`%s |"
              .formatted(
                  verb.synopsis(),
                  verb.help(),
                  path.replace("/v1/sandboxes/{sb}", ""),
                  call.substring(path.length())));
    }
    return lines;
  }
}
