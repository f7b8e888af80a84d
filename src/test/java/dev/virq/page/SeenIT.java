package dev.virq.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.in;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.virq.VirqApplication;
import io.restassured.RestAssured;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a person sees and does, in Chromium. Pictures are kept in target/browser/shots. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class SeenIT {
  private static final AtomicInteger SANDBOXES = new AtomicInteger();
  private static Visit.Chromium chromium;

  @LocalServerPort private int port;

  private String sandbox;

  @BeforeAll
  static void start() throws Exception {
    chromium = Visit.start();
  }

  @AfterAll
  static void stop() {
    if (chromium != null) {
      chromium.close();
    }
  }

  @BeforeEach
  void ownSandbox() {
    sandbox = "seen-" + SANDBOXES.incrementAndGet();
  }

  /** What it holds would be held for minutes, and other tests share the instance. */
  @AfterEach
  void leaveNothing() {
    RestAssured.given()
        .port(port)
        .delete("/v1/sandboxes/" + sandbox)
        .then()
        .statusCode(in(List.of(200, 404)));
  }

  private Visit open(int[] size, ColorScheme colours) {
    return Visit.to(chromium, port, "#/sandboxes/" + sandbox, size, colours);
  }

  private void vmIs(String state) {
    RestAssured.given()
        .port(port)
        .get("/v1/sandboxes/" + sandbox + "/vms/vm-1")
        .then()
        .statusCode(200)
        .body("state", equalTo(state));
  }

  private void post(String path, String body, int status) {
    RestAssured.given()
        .port(port)
        .contentType("application/json")
        .body(body)
        .post("/v1/sandboxes/" + sandbox + path)
        .then()
        .statusCode(status);
  }

  /** The step that is marked as the next one. */
  private static Locator step(Visit visit) {
    return visit.page.locator("[aria-current=step] h3");
  }

  private static Locator held(Visit visit, String thread) {
    return visit.page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Release " + thread));
  }

  private void fiveStepsByClicks(Visit visit, String shots) {
    visit.button("The five steps of 2009").click();
    visit.button("Start").click();
    visit.button("Set the stage").click();
    visit.button("Step 1").click();
    assertThat(step(visit)).containsText("CPU 1 takes it off the list");
    assertThat(held(visit, "injector")).isVisible();
    var _ = visit.shoot(shots + "-1");
    visit.button("Step 2").click();
    assertThat(step(visit)).containsText("CPU 0 injects and leaves");
    assertThat(visit.page.locator(".bar.grace.open")).isVisible();
    assertThat(visit.page.locator(".arrow.waits")).hasCount(1);
    assertThat(visit.page.locator(".mode")).hasText("live");
    assertThat(visit.page.locator(".ranks li").first()).hasText("rank 0: 1 begun, 0 ended");
    assertThat(visit.page.locator(".ranks li").last())
        .hasText("rank 1: 0 begun, 0 ended, new readers");
    vmIs("CLOSING");
    var _ = visit.shoot(shots + "-2");
    // The third step is the release itself, on the thread that is held.
    held(visit, "injector").click();
    assertThat(step(visit)).containsText("The grace period ends");
    assertThat(visit.page.locator(".arrow.waits")).hasCount(0);
    var _ = visit.shoot(shots + "-3");
    visit.button("Step 4").click();
    assertThat(held(visit, "cleanup")).isVisible();
    vmIs("CLOSING");
    var _ = visit.shoot(shots + "-4");
    visit.button("Step 5").click();
    assertThat(visit.text("OK: every answer was as expected.")).isVisible();
    assertThat(visit.page.locator(".card.vm.released")).containsText("RELEASED");
    var _ = visit.shoot(shots + "-5");
    vmIs("RELEASED");
  }

  @Test
  void fiveStepsByClicksAlone() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      fiveStepsByClicks(visit, "five-steps");

      List<String> lines = visit.page.locator(".calls-log .line code").allTextContents();
      assertThat(lines)
          .anyMatch(line -> line.startsWith("curl -sS -XPUT 'http://127.0.0.1:" + port))
          .contains(
              "curl -sS -XDELETE 'http://127.0.0.1:%d/v1/sandboxes/%s/vms/vm-1?wait=none'"
                  .formatted(port, sandbox));
      visit.wasQuiet();
    }
  }

  @Test
  void aRunIsSavedAsATrace() throws IOException {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.button("The five steps of 2009").click();
      visit.button("Run to the end").click();
      assertThat(visit.text("OK: every answer was as expected.")).isVisible();
      Download saved = visit.page.waitForDownload(() -> visit.button("Trace of the run").click());

      assertThat(saved.suggestedFilename()).isEqualTo(sandbox + "-trace.json");
      JsonNode trace = new JsonMapper().readTree(saved.path());
      assertThat(trace.get("traceEvents").findValuesAsString("name"))
          .contains("section irqfd-1", "grace irqfd-1", "held by bp-1", "held by bp-2");
      visit.wasQuiet();
    }
  }

  @Tag("thorough")
  @Test
  void everyScenarioOfTheServerIsTold() {
    List<String> titles =
        RestAssured.given().port(port).get("/v1/scenarios").jsonPath().getList("items.title");
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      assertThat(visit.page.locator(".choice b")).hasCount(titles.size());
      assertThat(visit.page.locator(".choice b").allTextContents())
          .containsExactlyInAnyOrderElementsOf(titles)
          .startsWith("The five steps of 2009");
      // One without parts: each of its steps is a click.
      visit.button("Closing twice").click();
      visit.button("Start").click();
      visit.button("Step 1").click();
      assertThat(step(visit)).hasCount(1);
      visit.button("Run to the end").click();
      assertThat(visit.text("OK: every answer was as expected.")).isVisible();
      var _ = visit.shoot("without-parts");
      visit.wasQuiet();
    }
  }

  @Test
  void stepsInAnotherSandboxLeadThere() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.button("One worker, and fifty readers that sleep").click();
      visit.button("Start").click();
      for (int step = 1; step <= 4; step++) {
        visit.button("Step " + step).click();
        assertThat(step(visit)).hasCount(1);
      }

      assertThat(visit.page.locator(".call code").first()).containsText("51 × POST ");
      assertThat(visit.page.locator(".call code a").first())
          .hasAttribute("href", Pattern.compile("#/sandboxes/" + sandbox + "-[a-z2-7]{10}"));
      var _ = visit.shoot("another-sandbox");
      visit.button("Run to the end").click();
      assertThat(visit.text("OK: every answer was as expected.")).isVisible();
      visit.wasQuiet();
    }
  }

  @Test
  void whatIsNotAsExpectedIsSaid() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.button("The five steps of 2009").click();
      visit.button("Start").click();
      visit.button("Set the stage").click();
      assertThat(step(visit)).containsText("CPU 0 picks up the pointer");
      // Somebody else meddles.
      RestAssured.given()
          .port(port)
          .delete("/v1/sandboxes/" + sandbox + "/breakpoints/bp-1")
          .then()
          .statusCode(200);
      visit.button("Step 1").click();

      assertThat(visit.page.locator(".verdict.bad")).containsText("status is 404, not 200");
      assertThat(visit.page.locator(".step.done")).hasCount(1);
      assertThat(visit.button("Start again")).isVisible();
      var _ = visit.shoot("not-as-expected");
      visit.wasQuiet();
    }
  }

  @Test
  void fiveStepsOnAPhone() {
    try (Visit visit = open(Visit.PHONE, ColorScheme.DARK)) {
      fiveStepsByClicks(visit, "phone");

      Object wider = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth");
      assertThat(wider).as("pixels that have to be scrolled to the side").isEqualTo(0);
      visit.wasQuiet();
    }
  }

  /** Tab until that button has the focus, as somebody without a mouse. */
  private static void tabTo(Visit visit, String name) {
    for (int i = 0; i < 80; i++) {
      visit.page.keyboard().press("Tab");
      Object text = visit.page.evaluate("document.activeElement.innerText ?? ''");
      if (String.valueOf(text).startsWith(name)) {
        return;
      }
    }
    throw new AssertionError("Tab does not lead to " + name);
  }

  @Test
  void fiveStepsByKeyboardAlone() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.DARK)) {
      tabTo(visit, "The five steps");
      visit.page.keyboard().press("Enter");
      assertThat(visit.page.locator("#start")).isVisible();
      tabTo(visit, "Start");
      visit.page.keyboard().press("Enter");
      assertThat(visit.page.locator("#next")).isEnabled();
      visit.page.keyboard().press("n");
      assertThat(step(visit)).containsText("CPU 0 picks up the pointer");
      visit.page.keyboard().press("n");
      assertThat(held(visit, "injector")).isVisible();
      assertThat(step(visit)).containsText("CPU 1 takes it off the list");
      visit.page.keyboard().press("n");
      assertThat(step(visit)).containsText("CPU 0 injects and leaves");
      assertThat(visit.page.locator(".bar.grace.open")).isVisible();
      vmIs("CLOSING");
      var _ = visit.shoot("keyboard-dark");
      visit.page.keyboard().press("r");
      assertThat(step(visit)).containsText("The grace period ends");
      visit.page.keyboard().press("n");
      assertThat(step(visit)).containsText("CPU 1 frees the VM");
      visit.page.keyboard().press("n");
      assertThat(visit.text("OK: every answer was as expected.")).isVisible();
      vmIs("RELEASED");
      visit.wasQuiet();
    }
  }

  @Tag("thorough")
  @Test
  void everythingByHand() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.tab("By hand").click();
      visit.button("Create VM").click();
      assertThat(visit.button("Close vm-1")).isVisible();
      visit.button("Create eventfd").click();
      assertThat(visit.button("Close efd-1")).isVisible();
      visit
          .page
          .getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Bind").setExact(true))
          .click();
      assertThat(visit.page.locator(".irqfd")).containsText("efd-1 → GSI 5");
      visit.page.locator("input[name=times]").fill("3");
      visit
          .page
          .locator(".drive")
          .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Signal"))
          .click();
      assertThat(visit.page.locator(".counted")).containsText("signals3");
      visit.page.locator("select[name=point]").selectOption("inject.enter");
      visit.button("Set breakpoint").click();
      visit.button("Signal efd-1").click();
      assertThat(held(visit, "injector")).isVisible();
      var _ = visit.shoot("by-hand");
      // More than are drawn: who is held is shown all the same.
      String more = "{\"items\":[{\"eventfd\":\"efd-2\",\"repeat\":700}]}";
      post("/eventfds", "{}", 201);
      post("/signals", more, 200);
      assertThat(visit.page.locator(".counted")).containsText("NOT_BOUND700");
      assertThat(held(visit, "injector")).isVisible();
      held(visit, "injector").click();
      assertThat(held(visit, "injector")).hasCount(0);
      visit.button("Close efd-1").click();
      assertThat(visit.button("Close efd-1")).hasCount(0);
      visit.button("Close vm-1").click();
      assertThat(visit.page.locator(".card.vm.released")).isVisible();
      visit.wasQuiet();
    }
  }

  @Test
  void lampsAndVectorsOfALevelTriggeredDevice() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.tab("Chips").click();
      visit.button("A level-triggered device").click();
      visit.button("Start").click();
      for (String next : List.of("Set the stage", "Step 1", "Step 2")) {
        visit.button(next).click();
      }
      assertThat(visit.page.locator(".grid"))
          .hasAttribute("aria-label", "Vectors of vCPU 0. Requested: 65. In service: none.");
      visit.button("Step 3").click();
      assertThat(visit.page.locator(".grid"))
          .hasAttribute("aria-label", "Vectors of vCPU 0. Requested: none. In service: 65.");
      var _ = visit.shoot("chips");
      visit.button("Step 4").click();
      assertThat(step(visit)).containsText("Clean up");
      visit.button("Clean up").click();
      assertThat(visit.text("OK: every answer was as expected.")).isVisible();
      visit.wasQuiet();
    }
  }

  @Test
  void aLinkOpensWhatWasShared() {
    String link = "#/sandboxes/" + sandbox + "?scenario=five-steps&step=2";
    try (Visit visit = Visit.to(chromium, port, link, Visit.SCREEN, ColorScheme.LIGHT)) {
      assertThat(visit.page.locator("#walk-title")).hasText("The five steps of 2009");
      visit.button("Play up to it").click();
      assertThat(step(visit)).containsText("CPU 0 injects and leaves");
      vmIs("CLOSING");
      assertThat(visit.page.url()).endsWith(link);
      // What is left is as good as what is shared.
      try (Visit other = Visit.to(chromium, port, link, Visit.SCREEN, ColorScheme.LIGHT)) {
        assertThat(held(other, "injector")).isVisible();
        other.wasQuiet();
      }
      visit.wasQuiet();
    }
  }

  private static String frame(int seq, String type, String more) {
    return "id: %d\nevent: %s\ndata: {\"seq\":%d,\"nanos\":%d,\"type\":\"%s\",%s}\n\n"
        .formatted(seq, type, seq, seq * 1_000_000L, type, more);
  }

  /** As far as the third step, in the form of the event stream. */
  private static String story() {
    String injector = "\"thread\":\"injector-1\",\"tid\":8,\"irqfd\":\"irqfd-1\"";
    String cleanup = "\"thread\":\"cleanup-1\",\"tid\":9,\"irqfd\":\"irqfd-1\"";
    return "retry: 1000\n\n: a comment\nid: 0\n\n"
        + frame(1, "vm-opened", "\"vm\":\"vm-1\",\"thread\":\"request\",\"tid\":1")
        + frame(
            2,
            "eventfd-signalled",
            "\"signal\":\"sig-1\",\"irqfd\":\"irqfd-1\",\"thread\":\"writer\",\"tid\":2")
        + frame(
            3,
            "inject-begin",
            injector + ",\"signal\":\"sig-1\",\"phase\":\"begin\",\"span\":\"section/irqfd-1/8\"")
        + frame(4, "inject-dereferenced", injector + ",\"mark\":\"[4]\"")
        + frame(
            5,
            "breakpoint-parked",
            injector
                + ",\"point\":\"inject.dereferenced\",\"phase\":\"begin\",\"span\":\"hold/bp-1/8\"")
        + frame(6, "a-new-type", "\"thread\":\"closer\",\"tid\":3")
        + frame(
            7,
            "flush-begin",
            "\"thread\":\"cleanup-1\",\"tid\":9,\"phase\":\"begin\",\"span\":\"flush/irqfd-2\"")
        + frame(
            8,
            "flush-end",
            "\"thread\":\"cleanup-1\",\"tid\":9,\"phase\":\"end\",\"span\":\"flush/irqfd-2\"")
        + frame(9, "irqfd-disconnected", cleanup + ",\"mark\":\"[2]\"")
        + frame(10, "grace-begin", cleanup + ",\"phase\":\"begin\",\"span\":\"grace/irqfd-1\"")
        + "event: bye\ndata: {\"reason\":\"ended\"}\n\n";
  }

  @Test
  void theEventStreamIsDrawn() {
    RestAssured.given().port(port).put("/v1/sandboxes/" + sandbox).then().statusCode(201);
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.page.route(
          "**/events?*",
          route ->
              route.fulfill(
                  new Route.FulfillOptions()
                      .setContentType("text/event-stream;charset=UTF-8")
                      .setBody(story())));
      var _ = visit.page.reload();

      assertThat(visit.page.locator(".mode")).hasText("live");
      assertThat(visit.page.locator(".lane-name b"))
          .hasText(new String[] {"request", "writer", "injector-1", "closer", "cleanup-1"});
      assertThat(visit.page.locator(".bar.section.open")).hasCount(1);
      assertThat(visit.page.locator(".bar.hold.open")).hasText("held at inject.dereferenced");
      assertThat(visit.page.locator(".bar.flush")).hasCount(1);
      assertThat(visit.page.locator(".bar.flush.open")).hasCount(0);
      assertThat(visit.page.locator(".arrow.signal")).hasCount(1);
      assertThat(visit.page.locator(".arrow.waits")).hasCount(1);
      assertThat(visit.page.locator(".moment.marked .name"))
          .hasText(new String[] {"has the VM", "pointer := null"});
      assertThat(visit.page.locator(".moment.marked .dot")).hasText(new String[] {"4", "2"});
      assertThat(held(visit, "injector-1")).isVisible();
      visit.tab("Events").click();
      assertThat(visit.page.locator(".log tbody tr")).hasCount(10);
      visit.button("Show event 4 in the lanes").click();
      assertThat(visit.page.locator(".moment.chosen .name")).hasText("has the VM");
      var _ = visit.shoot("stream");
      visit.wasQuiet();
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsSaidAndComesBack() {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      visit.tab("By hand").click();
      visit.button("Create VM").click();
      assertThat(visit.button("Close vm-1")).isVisible();
      visit.offline(true);
      visit.button("Create eventfd").click();
      assertThat(visit.page.locator(".mode.lost")).isVisible();
      visit.offline(false);
      assertThat(visit.page.locator(".mode.lost")).hasCount(0);
      visit.button("Create eventfd").click();
      assertThat(visit.button("Close efd-1")).isVisible();
    }
  }

  @Tag("thorough")
  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void nobodyIsKeptOut(ColorScheme colours) throws Exception {
    try (Visit visit = open(Visit.SCREEN, colours)) {
      assertThat(visit.barriers()).isEmpty();
      visit.button("The five steps of 2009").click();
      visit.button("Start").click();
      for (String next : List.of("Set the stage", "Step 1", "Step 2")) {
        visit.button(next).click();
      }
      assertThat(visit.page.locator(".bar.grace.open")).isVisible();
      assertThat(visit.barriers()).isEmpty();
      visit.tab("By hand").click();
      visit.tab("Chips").click();
      visit.tab("Events").click();
      assertThat(visit.page.locator(".log tbody tr").first()).isVisible();
      assertThat(visit.barriers()).isEmpty();
      // Who presses Tab reaches the panel that is chosen, and no other.
      assertThat(visit.page.locator("[role=tab][tabindex='0']")).hasCount(3);
    }
  }

  @Test
  void whatTheTestsLookForIsFoundWhereItIs() throws Exception {
    try (Visit visit = open(Visit.SCREEN, ColorScheme.LIGHT)) {
      var _ =
          visit.page.evaluate(
              """
              () => {
                const button = document.createElement('button');
                document.body.append(button);
                const pale = document.createElement('p');
                pale.textContent = 'hardly to be read';
                pale.style.color = '#ddd';
                document.body.append(pale);
                console.error('planted');
              }
              """);
      assertThat(visit.barriers())
          .anyMatch(one -> one.startsWith("button-name"))
          .anyMatch(one -> one.startsWith("color-contrast"));
      assertThat(visit.errors).contains("planted");
      // The policy keeps the page from others, and the browser says so.
      Object answer =
          visit.page.evaluate(
              "() => fetch('http://foreign.invalid/').then(() => 'sent', () => 'kept')");
      assertThat(answer).isEqualTo("kept");
      assertThat(visit.errors).anyMatch(one -> one.contains("Content Security Policy"));
      Object run =
          visit.page.evaluate(
              """
              () => {
                const script = document.createElement('script');
                script.textContent = 'window.planted = true';
                document.body.append(script);
                return window.planted === true;
              }
              """);
      assertThat(run).as("a script that stands in the page").isEqualTo(false);
    }
  }
}
