package dev.virq.client.junit;

import dev.virq.client.Sandbox;
import dev.virq.client.Virq;
import dev.virq.client.VirqServer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Hands each test a {@link Sandbox} of its own, and deletes it at the test's end. What the test
 * left open fails it, unless it says {@link AllowLeaks}. JUnit 5.13 or newer.
 *
 * <pre>{@code
 * @ExtendWith(VirqExtension.class)
 * class CloseTest {
 *   @Test
 *   void vmIsFreed(Sandbox sandbox) { ... }
 * }
 * }</pre>
 *
 * <p>The server is the one that the configuration parameter or system property {@code virq.url}
 * names, or the environment variable {@code VIRQ_URL}. Without either, and with {@code VIRQ_JAR},
 * that jar is started for as long as the tests run ({@code VIRQ_JAVA}: by which Java); without that
 * too, the server is at {@value Virq#DEFAULT_URL}. {@code VIRQ_TOKEN} is sent as a bearer token;
 * {@code VIRQ_PREFIX} begins the names of sandboxes.
 */
public final class VirqExtension implements ParameterResolver, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(VirqExtension.class);
  private static final Object STARTING = new Object();

  /** A sandbox in a store, which would close it by itself and see every leak. */
  private record Lent(Sandbox sandbox) {}

  private final @Nullable Supplier<Virq> server;

  /** Asks the server that the configuration names. */
  public VirqExtension() {
    this.server = null;
  }

  private VirqExtension(Supplier<Virq> server) {
    this.server = server;
  }

  /** Asks another server, such as one in a container: {@code on(container::client)}. */
  public static VirqExtension on(Supplier<Virq> server) {
    return new VirqExtension(server);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    // A class has no sandbox: one that its tests share would have them depend on each other.
    return type == Virq.class || (type == Sandbox.class && context.getTestMethod().isPresent());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (parameter.getParameter().getType() == Virq.class) {
      return virq(context);
    }
    Store store = context.getStore(NAMESPACE);
    Lent lent = store.get(Lent.class, Lent.class);
    if (lent == null) {
      String method = context.getRequiredTestMethod().getName();
      lent = new Lent(virq(context).sandbox(method.replaceAll("([A-Z])", "-$1")));
      store.put(Lent.class, lent);
    }
    return lent.sandbox();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Lent lent = context.getStore(NAMESPACE).get(Lent.class, Lent.class);
    if (lent == null) {
      return;
    }
    Sandbox sandbox = lent.sandbox();
    // Whoever fails half-way has not closed everything, and the first failure is the one to show.
    if (context.getExecutionException().isPresent() || mayLeak(context)) {
      sandbox.delete();
    } else {
      sandbox.close();
    }
  }

  private static boolean mayLeak(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getElement(), AllowLeaks.class)
        || AnnotationSupport.isAnnotated(context.getTestClass(), AllowLeaks.class);
  }

  private Virq virq(ExtensionContext context) {
    return server == null ? configured(context) : server.get();
  }

  /** One for all the tests of a run; a jar is started once. */
  private static Virq configured(ExtensionContext context) {
    Store store = context.getRoot().getStore(NAMESPACE);
    synchronized (STARTING) {
      Virq virq = store.get(Virq.class, Virq.class);
      if (virq == null) {
        virq = Virq.at(url(context, store)).withEnvironment();
        store.put(Virq.class, virq);
      }
      return virq;
    }
  }

  private static String url(ExtensionContext context, Store store) {
    Optional<String> given =
        context
            .getConfigurationParameter("virq.url")
            .or(() -> Optional.ofNullable(System.getenv("VIRQ_URL")));
    String jar = System.getenv("VIRQ_JAR");
    if (given.isPresent() || jar == null) {
      return given.orElse(Virq.DEFAULT_URL);
    }
    VirqServer started = VirqServer.start(Path.of(jar));
    // The store closes it when the run ends.
    store.put(VirqServer.class, started);
    return started.url();
  }
}
