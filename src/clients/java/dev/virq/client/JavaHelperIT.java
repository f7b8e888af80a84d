package dev.virq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.sun.net.httpserver.HttpServer;
import dev.virq.client.junit.AllowLeaks;
import dev.virq.client.junit.VirqExtension;
import dev.virq.testing.ServerProcess;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The helper for Java against this server: its calls, and the extension in runs of their own. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class JavaHelperIT {
  private static final BigInteger MOST = BigInteger.TWO.pow(64).subtract(BigInteger.TWO);

  @LocalServerPort int port;
  private Sandbox sandbox;

  @BeforeEach
  void open() {
    sandbox = Virq.at("http://127.0.0.1:" + port + "/").sandbox("java-helper");
  }

  @AfterEach
  void end() {
    sandbox.close();
  }

  @Test
  void actionsThatABreakpointHoldsAreNotSettled() {
    Vm vm = sandbox.createVm(Map.of("name", "guest"));
    Eventfd eventfd = sandbox.createEventfd();
    Irqfd irqfd = vm.assign(eventfd, 5);
    Breakpoint held = sandbox.setBreakpoint("inject.dereferenced", irqfd);
    Signal signal = eventfd.signal(Wait.settled(Duration.ofSeconds(30)));
    assertThat(signal.settled()).isFalse();
    assertThat(signal.outcome()).isNull();
    assertThat(signal.heldBy()).extracting(Held::breakpoint).containsExactly(held.id());
    assertThat(held.get().state()).isEqualTo("PARKED");
    assertThat(held.get().parked()).extracting(Held::point).containsExactly("inject.dereferenced");

    CloseReport report = vm.close();
    assertThat(report.settled()).isFalse();
    assertThat(report.pending()).extracting(Pending::stage).containsExactly("GRACE");
    assertThatThrownBy(sandbox::waitSettled)
        .asInstanceOf(InstanceOfAssertFactories.type(VirqException.class))
        .satisfies(refused -> {
          assertThat(refused.errno()).isEqualTo("EDEADLK");
          assertThat(refused.status()).isEqualTo(409);
          assertThat(refused.heldBy()).extracting(Held::breakpoint).containsExactly(held.id());
          assertThat(refused.pending()).extracting(Pending::kind).contains("signal", "close");
        });

    held.release(1);
    vm.waitReleased();
    assertThat(sandbox.signal(signal.id()).outcome()).isEqualTo("INJECTED");
    assertThat(irqfd.get().state()).isEqualTo("FREED");
    held.delete();
    eventfd.close();
  }

  @Test
  void valuesOf64BitsAreExact() {
    Eventfd eventfd = sandbox.createEventfd(BigInteger.valueOf(5), "NONBLOCK");
    assertThat(eventfd.read()).isEqualTo(5);
    assertThat(eventfd.signal(MOST, Wait.SETTLED).counterAfter()).isEqualTo(MOST);
    assertThat(eventfd.get().counter()).isEqualTo(MOST);
    assertThat(eventfd.get().flags()).containsExactly("NONBLOCK");
    assertThat(eventfd.read()).isEqualTo(MOST);
    eventfd.close();
  }

  @Test
  void waitsAndCounters() {
    Vm vm = sandbox.createVm();
    Eventfd eventfd = sandbox.createEventfd();
    Irqfd irqfd = vm.assign(Map.of("fd", eventfd.fd(), "gsi", 5));
    assertThat(eventfd.get().boundTo()).isEqualTo(new Eventfd.Binding(irqfd.id(), vm.id(), 5));
    assertThat(eventfd.signal(Wait.SETTLED).outcome()).isEqualTo("INJECTED");
    assertThat(irqfd.waitInjected(1)).isEqualTo(1);
    assertThat(vm.waitInjected(5, 1)).isEqualTo(1);
    assertThat(vm.gsi(5).injected()).isEqualTo(1);
    Map<String, ?> tooMany =
        Map.of("irqfd", irqfd.id(), "atLeast", 2, "timeout", Duration.ofMillis(1));
    assertThatThrownBy(() -> sandbox.waitFor("injected", tooMany))
        .isInstanceOf(VirqException.class)
        .hasMessageStartingWith("ETIMEDOUT (504): ");
    sandbox.waitParked();

    assertThat(irqfd.close().released()).containsExactly(irqfd.id());
    irqfd.waitReleased();
    assertThat(eventfd.signal(Wait.SETTLED).outcome()).isEqualTo("NOT_BOUND");
    assertThat(eventfd.read(Duration.ofSeconds(1))).isEqualTo(1);
    assertThat(vm.setLine(5, 1)).isNotNegative();
    assertThat(eventfd.close(eventfd.dup(), Wait.SETTLED).lastReference()).isFalse();
    assertThat(eventfd.close().lastReference()).isTrue();
    assertThat(vm.close().vmFreed()).containsExactly(vm.id());
  }

  @Test
  void refusalsCarryErrnoAndProblem() {
    Vm vm = sandbox.createVm();
    Eventfd eventfd = sandbox.createEventfd();
    Irqfd irqfd = vm.assign(eventfd, 5);
    assertThatThrownBy(() -> vm.assign(eventfd, 6))
        .asInstanceOf(InstanceOfAssertFactories.type(VirqException.class))
        .satisfies(refused -> {
          assertThat(refused.errno()).isEqualTo("EBUSY");
          assertThat(refused.status()).isEqualTo(409);
          assertThat(refused.detail()).contains(eventfd.id(), irqfd.id());
          assertThat(refused.problem().path("sandbox").asString()).isEqualTo(sandbox.name());
          assertThat(refused.heldBy()).isEmpty();
        });
    eventfd.close();
    vm.close();
  }

  @Test
  void levelTriggeredLinesAndCallsWithoutAMethod() {
    Vm vm = sandbox.createVm();
    Eventfd device = sandbox.createEventfd();
    Eventfd done = sandbox.createEventfd();
    assertThat(vm.assign(device, 16, done).get().resample()).isTrue();
    String vcpus = "/vms/" + vm.id() + "/vcpus";
    assertThat(sandbox.request("POST", vcpus, Map.of("id", 0)).path("id").asInt(-1)).isZero();
    String irqfds = "/vms/" + vm.id() + "/irqfds";
    assertThat(sandbox.request("GET", irqfds, null, Map.of("gsi", 17)).path("items")).isEmpty();
    device.close();
    done.close();
    vm.close();
  }

  @Test
  void guestTakesAndEndsInterrupts() {
    Vm vm = sandbox.createVm();
    Eventfd device = sandbox.createEventfd();
    Eventfd done = sandbox.createEventfd();
    Vcpu vcpu = vm.createVcpu(0);
    assertThat(vcpu.get().runState()).isEqualTo("RUNNABLE");
    assertThat(vcpu.setLapic(Map.of("svr", 0x1FF, "tpr", 0)).svr()).isEqualTo(0x1FF);
    assertThat(vm.pin(16).mask()).isTrue();
    Vm.Pin entry = vm.setPin(16, Map.of("vector", 65, "triggerMode", "LEVEL", "mask", false));
    assertThat(List.of(entry.pin(), entry.vector(), entry.triggerMode(), entry.mask()))
        .isEqualTo(List.of(16, 65, "LEVEL", false));
    assertThat(vcpu.ack()).isEmpty();
    assertThat(vcpu.ackPic()).isEmpty();
    Irqfd irqfd = vm.assign(device, 16, done);
    assertThat(device.signal(Wait.SETTLED).lineStatus()).isEqualTo("DELIVERED");
    assertThat(vcpu.lapic().irr()).containsExactly(65);
    assertThat(vcpu.ack()).hasValue(65);
    assertThat(vcpu.lapic().isr()).containsExactly(65);
    assertThat(vm.pin(16).remoteIrr()).isTrue();
    // While the line is high, a further signal is injected and ignored.
    Signal further = device.signal(Wait.SETTLED);
    assertThat(further.outcome()).isEqualTo("INJECTED");
    assertThat(further.lineStatus()).isEqualTo("IGNORED");
    Vcpu.Ended ended = vcpu.eoi();
    assertThat(ended.vector()).isEqualTo(65);
    assertThat(ended.resampled()).containsExactly(irqfd.id());
    assertThat(done.read()).isOne();
    device.close();
    done.close();
    vm.close();
  }

  @Test
  void objectsStandForTheirIdsInMembers() {
    Vm vm = sandbox.createVm();
    Eventfd eventfd = sandbox.createEventfd();
    Irqfd irqfd = vm.assign(Map.of("eventfd", eventfd, "gsi", 5));
    Map<String, ?> match = Map.of("vm", vm, "irqfd", irqfd, "eventfd", eventfd, "gsi", 5);
    Breakpoint held = sandbox.setBreakpoint("inject.dereferenced", Map.of("match", match));
    JsonNode matched = sandbox.request("GET", "/breakpoints/" + held.id(), null).path("match");
    assertThat(matched.path("irqfd").asString()).isEqualTo(irqfd.id());
    assertThat(matched.path("vm").asString()).isEqualTo(vm.id());
    assertThat(matched.path("eventfd").asString()).isEqualTo(eventfd.id());
    eventfd.signal();
    sandbox.waitFor("parked", Map.of("breakpoint", held));
    held.delete();
    sandbox.waitFor("injected", Map.of("irqfd", irqfd));
    eventfd.close();
    vm.close();
  }

  @Test
  void nothingIsPassedOver() {
    Vm vm = sandbox.createVm();
    Eventfd eventfd = sandbox.createEventfd();
    refused(() -> vm.assign(eventfd, -1), "gsi is -1: an integer in 0..4294967295 is needed");
    refused(() -> vm.gsi(1L << 32), "gsi is 4294967296: ");
    refused(() -> vm.pin(24), "pin is 24: no such pin");
    refused(
        () -> sandbox.setBreakpoint("inject.enter", Map.of("point", "sync.begin")),
        "\"point\" is given twice");
    refused(() -> sandbox.waitFor("parked", Map.of("for", "settled")), "\"for\" is given twice");
    refused(() -> Virq.at("127.0.0.1:8080"), "must begin with http:// or https://");
    refused(() -> Virq.at("localhost"), "\"localhost\": it must begin with http:// or https://");
    refused(() -> Virq.at("http://127.0.0.1:8080/v1/"), "must not end in /v1, which is added");
    assertThatThrownBy(() -> sandbox.createVm(Map.of("irqchips", "SPLIT")))
        .isInstanceOf(VirqException.class)
        .hasMessageContaining("irqchips");
    eventfd.close();
    vm.close();
  }

  private static void refused(ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatIsHeldHasNoFiguresAndIsNamedWhenLeftOpen() {
    Sandbox left = Virq.at("http://127.0.0.1:" + port).sandbox("left");
    Vm vm = left.createVm();
    Eventfd eventfd = left.createEventfd();
    vm.assign(eventfd, 5);
    left.setBreakpoint("inject.dereferenced");
    eventfd.signal(Wait.SETTLED);
    CloseReport report = vm.close();
    assertThat(report.settled()).isFalse();
    assertThat(report.waitedForReaders()).isNull();
    assertThat(report.gracePeriodNanos()).isNull();
    assertThat(report.flushNanos()).isNull();
    assertThat(left.createEventfd().close().waitedForReaders()).isZero();
    eventfd.close();
    assertThatThrownBy(eventfd::get).hasMessageStartingWith("EBADF");
    assertThatThrownBy(left::close)
        .asInstanceOf(InstanceOfAssertFactories.type(LeakError.class))
        .satisfies(
            leak -> assertThat(leak.held()).extracting(Held::breakpoint).containsExactly("bp-1"))
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageEndingWith("; bp-1 still held sig-1 at inject.dereferenced: release it");
  }

  @Test
  void scriptAnswersLineByLine() {
    List<ScriptResult> results =
        sandbox.runScript(
            "eventfd_create e0 0\neventfd_write e0 %s\neventfd_read e0\neventfd_read e0"
                .formatted(MOST));
    assertThat(results).extracting(ScriptResult::ok).containsExactly(true, true, true, false);
    assertThat(results.get(2).value().bigIntegerValue()).isEqualTo(MOST);
    assertThat(results.get(3).errno()).isEqualTo("EAGAIN");
  }

  @Test
  void resetNumbersAnew() {
    assertThat(sandbox.createVm().id()).isEqualTo("vm-1");
    assertThat(sandbox.reset().leaked().vms()).containsExactly("vm-1");
    Vm vm = sandbox.createVm();
    assertThat(vm.id()).isEqualTo("vm-1");
    vm.close();
  }

  @Test
  void namesAreLabels() {
    Virq virq = Virq.at("http://127.0.0.1:" + port).withPrefix("team-");
    try (Sandbox one = virq.sandbox("Close [two Äpfel] " + "x".repeat(90));
        Sandbox other = virq.sandbox("")) {
      assertThat(one.name()).matches("team-close-two-pfel-x+-[0-9a-f]{8}").hasSize(63);
      assertThat(other.name()).matches("team-[0-9a-f]{8}");
    }
  }

  @Test
  void tokenIsSentAndAnAnswerThatIsNoProblemIsShown() throws Exception {
    List<String> seen = new ArrayList<>();
    HttpServer stub =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    stub.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.sendResponseHeaders(403, 7);
          exchange.getResponseBody().write("no JSON".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    stub.start();
    String url = "http://127.0.0.1:" + stub.getAddress().getPort();
    try {
      assertThatThrownBy(() -> Virq.at(url).withToken("secret").sandbox("mine"))
          .isInstanceOf(VirqException.class)
          .hasMessage("HTTP (403): no JSON");
    } finally {
      stub.stop(0);
    }
    assertThat(seen).containsExactly("Bearer secret");
    assertThatThrownBy(() -> Virq.at(url).sandbox("mine"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("no virq answers at " + url)
        .hasMessageContaining("set VIRQ_URL or VIRQ_JAR");
  }

  @Test
  void callThatIsPutOffIsMadeAgain() throws Exception {
    Queue<Integer> answers = new ArrayDeque<>(List.of(429, 503, 200, 429, 429));
    HttpServer stub =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    stub.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "0");
          exchange.sendResponseHeaders(answers.remove(), 2);
          exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    stub.start();
    Virq virq = Virq.at("http://127.0.0.1:" + stub.getAddress().getPort());
    try {
      assertThat(virq.request("GET", "/v1", null, Map.of())).isEmpty();
      assertThat(answers).hasSize(2);
      Virq hurried = virq.withPatience(Duration.ZERO);
      assertThatThrownBy(() -> hurried.request("GET", "/v1", null, Map.of()))
          .isInstanceOf(VirqException.class)
          .hasMessageStartingWith("HTTP (429)");
      assertThat(answers).hasSize(1);
    } finally {
      stub.stop(0);
    }
  }

  @Test
  void anotherLifeIsRefused() {
    Virq virq = Virq.at("http://127.0.0.1:" + port);
    Sandbox lives = virq.sandbox("lives");
    String first = lives.uid();
    assertThat(lives.reset().uid()).isEqualTo(lives.uid()).isNotEqualTo(first);
    lives.createVm();

    String path = "/v1/sandboxes/" + lives.name();
    virq.request("POST", path + "/reset", null, Map.of());
    assertThatThrownBy(lives::createVm)
        .isInstanceOf(VirqException.class)
        .hasMessageStartingWith("ESTALE (412)");

    virq.request("DELETE", path, null, Map.of());
  }

  @Test
  void serverOfItsOwnIsStartedAndEnded() {
    List<String> program = ServerProcess.program(List.of("-Xmx512m"), List.of()).command();
    VirqServer server = VirqServer.start(program);
    try (server) {
      assertThat(Virq.at(server.url()).request("GET", "/v1", null, Map.of()).path("service"))
          .hasToString("\"virq\"");
    }
    assertThatThrownBy(() -> Virq.at(server.url()).sandbox("late"))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void serverThatDoesNotStartSaysWhy() {
    String java = ProcessHandle.current().info().command().orElse("java");
    assertThatThrownBy(() -> VirqServer.start(List.of(java, "-jar", "absent.jar")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("did not start")
        .hasMessageContaining("Unable to access jarfile absent.jar");
  }

  @Test
  void examplesOfThePagesPass() throws Exception {
    for (String name : List.of("CloseUnderBreakpointTest", "LevelRoundTest")) {
      TestExecutionSummary summary = run(Class.forName("dev.virq.client.example." + name));
      assertThat(summary.getFailures()).isEmpty();
      assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
    }
  }

  @Test
  void leakFailsTheTestAndIsNamed() {
    TestExecutionSummary summary = run(Leaky.class);
    assertThat(summary.getTestsFoundCount()).isEqualTo(3);
    assertThat(summary.getFailures())
        .extracting(failure -> failure.getException().getMessage())
        .satisfiesExactlyInAnyOrder(
            message -> assertThat(message).isEqualTo("the first"),
            message ->
                assertThat(message)
                    .matches(
                        "left open in sandbox leaves-all-[0-9a-f]{8}: vms vm-1, eventfds efd-1,"
                            + " irqfds irqfd-1, breakpoints bp-1"));
  }

  @Test
  void eachTestHasASandboxOfItsOwn() {
    TestExecutionSummary summary = run(Separate.class);
    assertThat(summary.getFailures()).isEmpty();
    assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
  }

  @Test
  void classThatMayLeakDoesNotFail() {
    assertThat(run(Careless.class).getFailures()).isEmpty();
  }

  @Test
  void serverCanBeGivenByTheTest() {
    Elsewhere.url = "http://127.0.0.1:" + port;
    assertThat(run(Elsewhere.class, Map.of("virq.url", "http://127.0.0.1:9")).getFailures())
        .isEmpty();
  }

  private TestExecutionSummary run(Class<?> tests) {
    return run(tests, Map.of("virq.url", "http://127.0.0.1:" + port));
  }

  /** A run inside this one, which keeps its listeners to itself. */
  private static TestExecutionSummary run(Class<?> tests, Map<String, String> configuration) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(tests))
            .configurationParameters(configuration)
            .build();
    Launcher launcher =
        LauncherFactory.create(
            LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .build());
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    launcher.execute(request, listener);
    return listener.getSummary();
  }

  @ExtendWith(VirqExtension.class)
  static class Leaky {
    @Test
    void leavesAll(Sandbox sandbox) {
      Vm vm = sandbox.createVm();
      vm.assign(sandbox.createEventfd(), 5);
      sandbox.setBreakpoint("inject.enter");
    }

    @Test
    void failsFirst(Sandbox sandbox) {
      sandbox.createVm();
      throw new IllegalStateException("the first");
    }

    @Test
    @AllowLeaks
    void mayLeak(Sandbox sandbox) {
      sandbox.createVm();
    }
  }

  @ExtendWith(VirqExtension.class)
  @AllowLeaks
  static class Careless {
    @Test
    void mayLeak(Sandbox sandbox, Virq virq) {
      sandbox.createVm();
      String path = "/v1/sandboxes/" + sandbox.name();
      assertThat(virq.request("GET", path, null, Map.of()).path("counts").path("vms").asInt())
          .isEqualTo(1);
    }
  }

  @ExtendWith(VirqExtension.class)
  static class Separate {
    private Vm vm;
    private String name;

    @BeforeEach
    void open(Sandbox sandbox) {
      vm = sandbox.createVm();
      name = sandbox.name();
    }

    @Test
    void one(Sandbox sandbox) {
      assertThat(sandbox.name()).isEqualTo(name);
      assertThat(vm.id()).isEqualTo("vm-1");
    }

    @Test
    void other() {
      assertThat(vm.id()).isEqualTo("vm-1");
    }

    @AfterEach
    void close() {
      vm.close();
    }
  }

  static class Elsewhere {
    static volatile String url;

    @RegisterExtension static final VirqExtension VIRQ = VirqExtension.on(() -> Virq.at(url));

    @Test
    void hasASandbox(Sandbox sandbox) {
      sandbox.createVm().close();
    }
  }
}
