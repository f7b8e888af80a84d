package dev.virq.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.Attack.Origin;
import dev.virq.docs.Page;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  @Test
  void thePageHasTheTable() throws IOException {
    Page page = Page.read("attacks.md");

    page.requireEqual(page.with("attacks", Catalogue.table()));
  }

  @Test
  void namesAreNamesOfOne() {
    assertThat(Catalogue.ALL)
        .extracting(Attack::name)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[a-z-]+"));
    assertThat(Catalogue.matching("routing-.*")).hasSize(3);
  }

  @Test
  void manyWereThoughtOfBesidesThoseThatWereSeen() {
    assertThat(Catalogue.ALL)
        .filteredOn(attack -> attack.origin() == Origin.SEEN)
        .hasSizeGreaterThanOrEqualTo(10);
    assertThat(Catalogue.ALL)
        .filteredOn(attack -> attack.origin() == Origin.THOUGHT_OF)
        .hasSizeGreaterThanOrEqualTo(20);
  }
}
