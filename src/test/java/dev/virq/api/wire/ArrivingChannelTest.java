package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits where, over a socket that blocks: a read that nothing would end shows as a hang. */
class ArrivingChannelTest {
  private static final int BUFFER = 64;
  private static final String CALL = "GET /v1/sandboxes/a/vms HTTP/1.1\r\n\r\n";

  private final SocketBufferHandler buffers = new SocketBufferHandler(BUFFER, BUFFER, false);
  private final ArrivingChannel channel = new ArrivingChannel(buffers);
  private final Newcomers newcomers = new Newcomers(() -> 1);
  private final Lines lines = new Lines(100);
  private final AtomicInteger turns = new AtomicInteger();
  private SocketChannel server;
  private SocketChannel client;

  @BeforeEach
  void connect() throws IOException {
    try (ServerSocketChannel listening = ServerSocketChannel.open()) {
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      client = SocketChannel.open(listening.getLocalAddress());
      server = listening.accept();
    }
    channel.reset(server, new NioSocketWrapper(channel, new NioEndpoint()));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    client.close();
  }

  /** Something comes; whether it may be handed on to a thread at once. */
  private boolean mayBeHandedOn() {
    return !channel.waitsAmong(newcomers, turns::incrementAndGet);
  }

  /** A thread has it; whether it may be served at once. */
  private boolean mayBeServed() throws IOException {
    return !channel.waitsIn(lines, turns::incrementAndGet);
  }

  private void send(String text) throws IOException {
    client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private void resetByClient() throws IOException {
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    client.close();
  }

  /** What Tomcat finds. */
  private String buffered() {
    buffers.configureReadBufferForRead();
    return StandardCharsets.US_ASCII.decode(buffers.getReadBuffer().duplicate()).toString();
  }

  /** As many calls of the sandbox as may be in hand. */
  private List<Lines.Call> inHand() {
    List<Lines.Call> calls = new ArrayList<>();
    for (int i = 0; i < Lines.IN_HAND; i++) {
      calls.add(new Lines.Call("a", () -> {}));
      assertThat(lines.comes(calls.getLast())).isTrue();
    }
    return calls;
  }

  @Test
  void newcomerWaitsUntilAThreadTakesItUp() {
    assertThat(mayBeHandedOn()).isTrue();
    assertThat(newcomers.waiting()).isEqualTo(1);

    channel.begins();
    assertThat(newcomers.waiting()).isZero();

    // Its next request is no newcomer's.
    assertThat(mayBeHandedOn()).isTrue();
    assertThat(newcomers.waiting()).isZero();
  }

  @Test
  void newcomerIsToldWhenItsTurnComesAndWaitsNoMoreThen() {
    List<Newcomers.Newcomer> others = new ArrayList<>();
    for (int i = 0; i < Newcomers.FEWEST; i++) {
      others.add(new Newcomers.Newcomer(() -> {}));
      assertThat(newcomers.comes(others.getLast())).isTrue();
    }
    assertThat(mayBeHandedOn()).isFalse();
    assertThat(turns).hasValue(0);

    newcomers.begins(others.getFirst());
    assertThat(turns).hasValue(1);
    assertThat(mayBeHandedOn()).isTrue();
    assertThat(newcomers.waiting()).isEqualTo(Newcomers.FEWEST);
  }

  @Test
  void newcomerThatIsClosedBeforeAThreadTakesItUpWaitsNoLonger() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    channel.close();
    assertThat(newcomers.waiting()).isZero();
    channel.close();
    assertThat(newcomers.waiting()).isZero();
  }

  @Test
  void nextConnectionOfAChannelIsANewcomerAgain() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    channel.reset(server, new NioSocketWrapper(channel, new NioEndpoint()));
    assertThat(newcomers.waiting()).isZero();

    assertThat(mayBeHandedOn()).isTrue();
    assertThat(newcomers.waiting()).isEqualTo(1);
  }

  @Test
  void whatANewcomerSentThatIsGoneIsNotServed() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    send(CALL);
    resetByClient();

    assertThatIOException().isThrownBy(this::mayBeServed);
  }

  @Test
  void whatANewcomerSentThatSendsNoMoreIsServed() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    send(CALL);
    client.shutdownOutput();

    assertThat(mayBeServed()).isTrue();
    assertThat(buffered()).isEqualTo(CALL);
  }

  @Test
  void whatIsLongerThanTheBufferHidesNoReset() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    send(CALL + "x".repeat(BUFFER));
    resetByClient();

    assertThat(mayBeServed()).isTrue();
    assertThat(buffered()).hasSize(BUFFER);
    assertThatIOException().isThrownBy(() -> channel.read(ByteBuffer.allocate(2 * BUFFER)));
  }

  @Test
  void callIsInHandUntilItIsAdmittedAndStaysInTheBuffer() throws IOException {
    send(CALL);
    assertThat(mayBeServed()).isTrue();
    assertThat(buffered()).isEqualTo(CALL);
    assertThat(lines.size()).isEqualTo(1);

    channel.admitted();
    assertThat(lines.size()).isZero();
  }

  @Test
  void whatIsNoCallIsInNoLine() throws IOException {
    send("GET /actuator/health HTTP/1.1\r\n\r\n");
    assertThat(mayBeServed()).isTrue();
    assertThat(lines.size()).isZero();
  }

  @Test
  void callWaitsUntilAnotherOfItsSandboxIsAdmitted() throws IOException {
    List<Lines.Call> others = inHand();
    send(CALL);
    assertThat(mayBeServed()).isFalse();
    assertThat(turns).hasValue(0);

    lines.over(others.getFirst());
    assertThat(turns).hasValue(1);
    client.shutdownOutput();
    assertThat(mayBeServed()).isTrue();
    assertThat(buffered()).isEqualTo(CALL);
  }

  @Test
  void nextCallOfAConnectionIsInALineAgain() throws IOException {
    for (int i = 0; i < 2; i++) {
      send(CALL);
      assertThat(mayBeServed()).isTrue();
      assertThat(lines.size()).isEqualTo(1);
      channel.admitted();
      buffers.reset();
    }
  }

  @Test
  void callWhoseClientIsGoneWhenItsTurnComesIsNotServed() throws IOException {
    List<Lines.Call> others = inHand();
    send(CALL);
    assertThat(mayBeServed()).isFalse();
    resetByClient();

    lines.over(others.getFirst());
    assertThatIOException().isThrownBy(this::mayBeServed);
    channel.close();
    assertThat(lines.waiting()).isZero();
  }

  @Test
  void callThatIsClosedWaitsNoLonger() throws IOException {
    var _ = inHand();
    send(CALL);
    assertThat(mayBeServed()).isFalse();
    channel.close();
    assertThat(lines.waiting()).isZero();
    assertThat(turns).hasValue(0);
  }
}
