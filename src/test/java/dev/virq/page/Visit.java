package dev.virq.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.virq.testing.Npm;
import dev.virq.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The page in Chromium, and all that its browser complains of or asks others for. */
final class Visit implements AutoCloseable {
  private static final Path SOURCE = Path.of("src/test/browser").toAbsolutePath();
  private static final Path TARGET = Path.of("target/browser").toAbsolutePath();

  /** A laptop on a projector. */
  static final int[] SCREEN = {1280, 800};

  static final int[] PHONE = {390, 844};

  /** Milliseconds, of a machine that does much else; only what hangs takes as long. */
  private static final int PATIENCE = 120_000;

  private static final Pattern ANSWER =
      Pattern.compile("Failed to load resource: the server responded with a status of \\d+.*");

  /** A browser of this class's tests. */
  record Chromium(Playwright playwright, Browser browser) implements AutoCloseable {
    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }

  private final BrowserContext context;
  private final String server;

  /** The page. */
  final Page page;

  /** What the browser calls errors, but for refusals of the API, which a story may tell of. */
  final List<String> errors = new ArrayList<>();

  /** Requests to any other server than virq. */
  final List<String> foreign = new ArrayList<>();

  private Visit(Browser browser, String server, int[] size, ColorScheme colours) {
    this.server = server;
    this.context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(size[0], size[1])
                .setColorScheme(colours)
                .setReducedMotion(ReducedMotion.REDUCE));
    this.page = context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") && !ANSWER.matcher(message.text()).matches()) {
        errors.add(message.text());
      }
    });
    page.onPageError(errors::add);
    page.onRequest(request -> {
      if (!request.url().startsWith(server)) {
        foreign.add(request.url());
      }
    });
  }

  /**
   * Starts Debian's Chromium, driven by Playwright from npm. Where one of them cannot be had the
   * tests are skipped and say so; in continuous integration npm has to be there.
   */
  static Chromium start() throws Exception {
    boolean required = "true".equals(System.getenv("CI"));
    String chromium = null;
    for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
      if (chromium == null && Tool.exists(name, "--version")) {
        chromium = executable(name);
      }
    }
    skipUnless(chromium != null, false, "there is no chromium");
    boolean npm = Tool.exists("npm", "--version");
    skipUnless(npm, required, "there is no npm");
    Tool.Result installed = Npm.install(SOURCE, TARGET);
    skipUnless(
        installed.status() == 0, required, "npm cannot install the driver: " + installed.output());
    // The driver is looked for in a directory named package; package.json calls it so.
    System.setProperty("playwright.cli.dir", TARGET.resolve("node_modules").toString());
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions()
                .setEnv(
                    Map.of(
                        "PLAYWRIGHT_NODEJS_PATH",
                        executable("node"),
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                        "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(String.valueOf(chromium)))
                    .setChromiumSandbox(false));
    return new Chromium(playwright, browser);
  }

  private static void skipUnless(boolean met, boolean required, String otherwise) {
    String sentence = "The page was not looked at in a browser: " + otherwise + ".";
    if (required) {
      assertThat(met).as(sentence).isTrue();
    }
    assumeTrue(met, sentence);
  }

  private static String executable(String name) {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toString)
        .orElse(name);
  }

  /** Opens the address alone, or a link. */
  static Visit to(Chromium chromium, int port, String link, int[] size, ColorScheme colours) {
    String server = "http://127.0.0.1:" + port;
    Visit visit = new Visit(chromium.browser(), server, size, colours);
    var _ = visit.page.navigate(server + "/" + link);
    visit.page.getByLabel("Sandbox").waitFor();
    return visit;
  }

  Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).first();
  }

  Locator tab(String name) {
    return page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName(name));
  }

  /** Something in words, anywhere on the page. */
  Locator text(String text) {
    return page.getByText(text).first();
  }

  void offline(boolean offline) {
    context.setOffline(offline);
  }

  /** Keeps what a person would see now. */
  Path shoot(String name) {
    Path file = TARGET.resolve("shots").resolve(name + ".png");
    var _ = page.screenshot(new Page.ScreenshotOptions().setPath(file));
    return file;
  }

  /** What axe finds that is serious or critical: rule and place. */
  @SuppressWarnings("unchecked")
  List<String> barriers() throws Exception {
    // By the devtools' way, which the page's policy does not bind.
    var _ = page.evaluate(Files.readString(TARGET.resolve("node_modules/axe-core/axe.min.js")));
    return (List<String>)
        page.evaluate(
            """
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
                .filter((one) => ['serious', 'critical'].includes(one.impact))
                .flatMap((one) => one.nodes.map((node) => `${one.id} at ${node.target}: ${node.failureSummary}`))
            """);
  }

  /** Nothing was complained of, and nobody else was asked. */
  void wasQuiet() {
    assertThat(errors).as("errors in the browser's console").isEmpty();
    assertThat(foreign).as("requests to others").isEmpty();
    assertThat(page.url()).startsWith(server);
  }

  @Override
  public void close() {
    context.close();
  }
}
