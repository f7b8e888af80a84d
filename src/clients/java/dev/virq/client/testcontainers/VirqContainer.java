package dev.virq.client.testcontainers;

import dev.virq.client.Virq;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * virq in a container. With JUnit:
 *
 * <pre>{@code
 * @Testcontainers
 * class CloseTest {
 *   @Container static final VirqContainer SERVER = new VirqContainer("virq:0.1.0-SNAPSHOT");
 *   @RegisterExtension static final VirqExtension VIRQ = VirqExtension.on(SERVER::client);
 *
 *   @Test
 *   void vmIsFreed(Sandbox sandbox) { ... }
 * }
 * }</pre>
 */
public final class VirqContainer extends GenericContainer<VirqContainer> {
  private static final int API = 8080;
  private static final int MANAGEMENT = 8081;
  private static final String HOSTS = "VIRQ_ACCESS_HOSTS";

  private @Nullable String token;

  /** A container of an image of virq, such as {@code docker build} made it. */
  public VirqContainer(String image) {
    this(DockerImageName.parse(image));
  }

  /** A container of an image of virq. */
  public VirqContainer(DockerImageName image) {
    super(image);
    addExposedPorts(API, MANAGEMENT);
    setWaitStrategy(Wait.forHttp("/actuator/health/readiness").forPort(MANAGEMENT));
  }

  /** Has the container ask for this token, of at least 24 characters, which its client sends. */
  public VirqContainer withToken(String value) {
    token = value;
    return withEnv("VIRQ_ACCESS_TOKEN", value);
  }

  /** The engine may be on another machine, and the container is addressed by that one's name. */
  @Override
  protected void configure() {
    if (!getEnvMap().containsKey(HOSTS)) {
      addEnv(HOSTS, getHost());
    }
  }

  /** The address of the API; the container has been started. */
  public String url() {
    return "http://" + getHost() + ":" + getMappedPort(API);
  }

  /** A client of the API; the container has been started. */
  public Virq client() {
    Virq client = Virq.at(url());
    return token == null ? client : client.withToken(token);
  }
}
