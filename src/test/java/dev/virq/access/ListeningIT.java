package dev.virq.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.VirqApplication;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Where the program listens, and how a wrong setting ends its start.
 *
 * <p>All of 127.0.0.0/8 is this machine: who listens on 127.0.0.1 does not answer on 127.0.0.2, who
 * listens everywhere does.
 */
@ExtendWith(OutputCaptureExtension.class)
class ListeningIT {
  private static final String ELSEWHERE = "127.0.0.2";
  private static final String[] NODE = {"Host: 10.0.0.7:8081"};

  @TempDir private Path directory;

  /** With both ports chosen by the system. */
  private static ConfigurableApplicationContext start(String... arguments) {
    return new SpringApplicationBuilder(VirqApplication.class)
        .properties("server.port=0", "management.server.port=0")
        .run(arguments);
  }

  private static int port(ConfigurableApplicationContext virq, String which) {
    return virq.getEnvironment().getRequiredProperty("local." + which + ".port", Integer.class);
  }

  private static void connect(String address, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 10_000);
    }
  }

  private static void isClosed(String address, int port) {
    assertThatThrownBy(() -> connect(address, port)).isInstanceOf(ConnectException.class);
  }

  private static boolean haveIpv6() throws IOException {
    NetworkInterface loopback = NetworkInterface.getByName("lo");
    return loopback != null
        && loopback.getInterfaceAddresses().stream()
            .anyMatch(one -> one.getAddress().getHostAddress().contains(":"));
  }

  @Test
  void withoutASettingBothPortsAreOfThisMachineOnly(CapturedOutput log) throws IOException {
    try (ConfigurableApplicationContext virq = start("--server.port=0")) {
      int api = port(virq, "server");
      int management = port(virq, "management");

      connect("127.0.0.1", api);
      connect("127.0.0.1", management);
      isClosed(ELSEWHERE, api);
      isClosed(ELSEWHERE, management);
      assertThat(log)
          .contains(
              "API at http://127.0.0.1:%d/v1, for this machine only, without a token"
                  .formatted(api));

      // The management port has nothing to change, but it has no answers for foreign names either.
      String[] evil = {"Host: evil.example"};
      Wire.send(management, "GET /actuator/prometheus", evil, "")
          .isRefused(403, "EPERM", "evil.example");
      assertThat(Wire.send(management, "GET /actuator/health/liveness", NODE, "").status())
          .isEqualTo(200);
    }
  }

  @Test
  void asInTheImageBothPortsAreOfEveryAddress(CapturedOutput log) throws IOException {
    Path tokens = Files.writeString(directory.resolve("tokens"), "a-token-0123456789abcdef\n");
    try (ConfigurableApplicationContext virq =
        start(
            "--server.port=0", "--server.address=0.0.0.0", "--virq.access.tokens-file=" + tokens)) {
      int api = port(virq, "server");
      int management = port(virq, "management");

      connect(ELSEWHERE, api);
      connect(ELSEWHERE, management);
      assertThat(log)
          .contains(
              "API at http://127.0.0.1:%d/v1, for every address of this machine, with a token"
                  .formatted(api));
      // Health and metrics are apart: whoever reaches their port may read them.
      assertThat(Wire.send(management, "GET /actuator/prometheus", NODE, "").status())
          .isEqualTo(200);
      assertThat(Wire.send(api, "GET /v1", NODE, "").status()).isEqualTo(401);
      Assumptions.assumeTrue(haveIpv6());
      connect("::1", api);
      connect("::1", management);
    }
  }

  @Test
  void managementPortMayHaveAnAddressOfItsOwn() throws IOException {
    try (ConfigurableApplicationContext virq =
        start("--server.port=0", "--management.server.address=" + ELSEWHERE)) {
      int management = port(virq, "management");

      connect("127.0.0.1", port(virq, "server"));
      connect(ELSEWHERE, management);
      isClosed("127.0.0.1", management);
    }
  }

  @Test
  void wrongLineOfTheTokensFileEndsTheStartAndIsNotShown(CapturedOutput log) throws IOException {
    Path tokens = Files.writeString(directory.resolve("tokens"), "# ours\nteam-1: top-secret\n");

    assertThatThrownBy(() -> start("--server.port=0", "--virq.access.tokens-file=" + tokens))
        .isNotNull();
    assertThat(log)
        .contains("virq.access.tokens-file", tokens.toString(), "line 2: ", "no prefix")
        .doesNotContain("top-secret");
  }

  @Test
  void wrongTokenEndsTheStartAndIsNotShown(CapturedOutput log) {
    assertThatThrownBy(() -> start("--server.port=0", "--virq.access.token=top-secret"))
        .isNotNull();
    assertThat(log)
        .contains("virq.access.token: the token has 10 characters; expected 24 to 256")
        .doesNotContain("top-secret");
  }

  @Test
  void wrongHostEndsTheStartWithTheReason(CapturedOutput log) {
    assertThatThrownBy(() -> start("--server.port=0", "--virq.access.hosts=virq.example:8080"))
        .isNotNull();
    assertThat(log).contains("virq.access.hosts", "\"virq.example:8080\" is no host");
  }
}
