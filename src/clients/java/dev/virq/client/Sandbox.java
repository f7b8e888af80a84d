package dev.virq.client;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** A machine of the test's own. */
public final class Sandbox implements AutoCloseable {
  private final Virq virq;
  private final String name;

  /** Volatile: written by whichever thread resets. */
  private volatile String uid;

  /** Volatile: written by the thread that ends it. */
  private volatile @Nullable TeardownReport report;

  Sandbox(Virq virq, String name, String uid) {
    this.virq = virq;
    this.name = name;
    this.uid = uid;
  }

  /**
   * Its life; another one after a reset. A call that meets another life than this one is refused
   * with ESTALE.
   */
  public String uid() {
    return uid;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Opens a VM with the interrupt controllers of the kernel. */
  public Vm createVm() {
    return createVm(Map.of());
  }

  /** Opens a VM with settings of the API, such as irqchip: KERNEL, SPLIT or NONE. */
  public Vm createVm(Map<String, ?> settings) {
    return new Vm(this, id(request("POST", "/vms", settings)));
  }

  /** Opens an eventfd whose counter is 0. */
  public Eventfd createEventfd() {
    return createEventfd(BigInteger.ZERO);
  }

  /**
   * Opens an eventfd.
   *
   * @param initval its counter
   * @param flags SEMAPHORE, NONBLOCK
   */
  public Eventfd createEventfd(BigInteger initval, String... flags) {
    Map<String, ?> body = Map.of("initval", initval.toString(), "flags", List.of(flags));
    JsonNode made = request("POST", "/eventfds", body);
    return new Eventfd(this, id(made), made.path("fds").path(0).asInt());
  }

  /**
   * Holds the next thread at a point of {@code GET /v1/points}, for 30 s at most.
   *
   * @param point inject.enter, inject.locked, inject.dereferenced, inject.lowered, hup.unhooked,
   *     hup.flushed, disconnect.swapped, disconnect.unlisted, sync.begin, sync.flipped, sync.end,
   *     put.vm, free.irqfd, assign.listed, assign.beforeFput, release.begin
   */
  public Breakpoint setBreakpoint(String point) {
    return setBreakpoint(point, Map.of());
  }

  /** Holds the next thread that works on this irqfd. */
  public Breakpoint setBreakpoint(String point, Irqfd irqfd) {
    return setBreakpoint(point, Map.of("match", Map.of("irqfd", irqfd)));
  }

  /**
   * Holds threads, with settings of the API: match (a map of vm, irqfd, eventfd and gsi), skip,
   * hits, maxHold, action, delay. Durations are {@link Duration}s.
   */
  public Breakpoint setBreakpoint(String point, Map<String, ?> settings) {
    Map<String, Object> body = with("point", point, settings);
    return new Breakpoint(this, id(request("POST", "/breakpoints", body)));
  }

  private static Map<String, Object> with(String member, String value, Map<String, ?> others) {
    Map<String, Object> body = new HashMap<>(others);
    if (body.put(member, value) != null) {
      throw new IllegalArgumentException(
          "\"%s\" is given twice, by an argument and as a member".formatted(member));
    }
    return body;
  }

  /** A signal as it is now. */
  public Signal signal(String id) {
    return get("/signals/" + id, Signal.class);
  }

  /** Runs one operation a line, with a result for each. */
  public List<ScriptResult> runScript(String script) {
    return Virq.JSON.convertValue(
        request("POST", "/scripts", script), new TypeReference<List<ScriptResult>>() {});
  }

  /**
   * Waits until every signal has its outcome and every close is over: what has not come by then
   * never will.
   */
  public void waitSettled() {
    waitFor("settled", Map.of());
  }

  /** Waits until whatever is under way is over or held at a breakpoint. */
  public void waitParked() {
    waitFor("parked", Map.of());
  }

  /**
   * Waits, with members of the API such as a timeout (a {@link Duration}; 5 s when left out) or an
   * irqfd.
   *
   * @param what settled, parked, injected or released
   * @return what was observed
   * @throws VirqException EDEADLK at once when a breakpoint stands in the way of settled or
   *     released, ETIMEDOUT when it does not come
   */
  public JsonNode waitFor(String what, Map<String, ?> members) {
    Map<String, Object> body = with("for", what, members);
    return request("POST", "/wait", body).path("observed");
  }

  /** Empties it; numbers start again at 1. */
  public TeardownReport reset() {
    return read(request("POST", "/reset", null), TeardownReport.class);
  }

  /** Ends it, once. */
  public TeardownReport delete() {
    TeardownReport done = report;
    if (done == null) {
      done = read(request("DELETE", "", null), TeardownReport.class);
      report = done;
    }
    return done;
  }

  /**
   * Ends it.
   *
   * @throws LeakError when something was left open
   */
  @Override
  public void close() {
    // Asked while it can be: who is held is often why the rest is open.
    List<Held> held = report == null ? held() : List.of();
    TeardownReport.Leaked leaked = delete().leaked();
    if (!leaked.isEmpty()) {
      throw new LeakError(name, leaked, held);
    }
  }

  private List<Held> held() {
    List<Held> held = new ArrayList<>();
    try {
      for (JsonNode one : request("GET", "/breakpoints", null).path("items")) {
        held.addAll(read(one, Breakpoint.Info.class).parked());
      }
    } catch (VirqException e) {
      // It is gone, which its deletion says.
    }
    return held;
  }

  /** A call below this sandbox: {@code request("POST", "/vms/vm-1/vcpus", Map.of("id", 0))}. */
  public JsonNode request(String method, String path, @Nullable Object body) {
    return request(method, path, body, Map.of());
  }

  /** The same, with parameters. */
  public JsonNode request(String method, String path, @Nullable Object body, Map<String, ?> query) {
    JsonNode answer = virq.request(method, "/v1/sandboxes/" + name + path, body, query, uid);
    if (path.equals("/reset")) {
      uid = answer.path("uid").asString();
    }
    return answer;
  }

  <T> T get(String path, Class<T> type) {
    return read(request("GET", path, null), type);
  }

  CloseReport close(String path, Wait wait) {
    return read(request("DELETE", path, null, wait.query()), CloseReport.class);
  }

  static <T> T read(JsonNode answer, Class<T> type) {
    return Virq.JSON.treeToValue(answer, type);
  }

  static String id(JsonNode answer) {
    return answer.path("id").asString();
  }
}
