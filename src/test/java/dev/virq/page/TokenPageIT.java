package dev.virq.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import dev.virq.VirqApplication;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page of an instance that asks for a token. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "virq.access.token=" + TokenPageIT.TOKEN)
class TokenPageIT {
  static final String TOKEN = "of-the-page-0123456789abcdef";

  @LocalServerPort private int port;

  @Test
  void itIsAskedForKeptInTheTabAndNotShown() throws Exception {
    try (Visit.Chromium chromium = Visit.start();
        Visit visit =
            Visit.to(chromium, port, "#/sandboxes/token", Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.page.getByLabel("This server asks for a token").fill("wrong-0123456789-0123456789");
      visit.button("Use it").click();
      visit.page.getByLabel("That token is not known here").fill(TOKEN);
      visit.button("Use it").click();
      assertThat(visit.page.locator(".token")).hasCount(0);
      visit.tab("By hand").click();
      visit.button("Create VM").click();

      assertThat(visit.button("Close vm-1")).isVisible();
      assertThat(visit.page.locator(".calls-log")).containsText("authorization: Bearer $TOKEN");
      assertThat(visit.page.locator("body")).not().containsText(TOKEN);
      // As long as the tab is open.
      var _ = visit.page.reload();
      assertThat(visit.button("Close vm-1")).isVisible();
      visit.wasQuiet();
    }
    try (Visit.Chromium chromium = Visit.start();
        Visit another =
            Visit.to(chromium, port, "#/sandboxes/token", Visit.SCREEN, ColorScheme.LIGHT)) {
      assertThat(another.page.getByLabel("This server asks for a token")).isVisible();
    }
  }
}
