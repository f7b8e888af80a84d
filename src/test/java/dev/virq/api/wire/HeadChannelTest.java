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
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a channel makes of the bytes that Tomcat hands it, over a socket. */
class HeadChannelTest {
  private final HeadChannel channel = new HeadChannel(new SocketBufferHandler(1_024, 1_024, false));
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

  private final Newcomers newcomers = new Newcomers(() -> 1);
  private final AtomicInteger turns = new AtomicInteger();

  /** Something comes; whether it may be handed on to a thread at once. */
  private boolean mayBeHandedOn() {
    return !channel.waitsWith(newcomers, turns::incrementAndGet);
  }

  private String read(int most) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(most);
    assertThat(channel.read(read)).isEqualTo(read.position());
    return StandardCharsets.US_ASCII.decode(read.flip()).toString();
  }

  @Test
  void newcomerWaitsFromWhenItIsHandedOnUntilAThreadReads() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    assertThat(newcomers.waiting()).isEqualTo(1);

    client.write(bytes("G"));
    assertThat(read(1)).isEqualTo("G");
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
  void newcomerThatIsClosedBeforeAThreadReadsWaitsNoLonger() throws IOException {
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

  // The socket blocks, so that a second read waits for what follows, and Tomcat's does not.

  @Test
  void whatANewcomerSentIsReadAsFarAsItIsThere() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    client.write(bytes("GET"));
    client.shutdownOutput();

    assertThat(read(10)).isEqualTo("GET");
    assertThat(channel.read(ByteBuffer.allocate(10))).isEqualTo(-1);
  }

  @Test
  void whatANewcomerSentThatIsGoneIsNotCarriedOut() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    client.write(bytes("GET"));
    reset();

    assertThatIOException().isThrownBy(() -> read(10));
  }

  @Test
  void neitherIsItWhenItTookSeveralReads() throws IOException {
    assertThat(mayBeHandedOn()).isTrue();
    client.write(bytes("GET / HTTP/1.1"));
    reset();

    assertThat(read(10)).isEqualTo("GET / HTTP");
    assertThatIOException().isThrownBy(() -> read(10));
  }

  private void reset() throws IOException {
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    client.close();
  }

  private static Head head(String reason) {
    Request request = new Request();
    Head head = new Head(request, new Response());
    head.say(reason);
    return head;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void write(String text) throws IOException {
    ByteBuffer source = bytes(text);
    int taken = channel.write(source);
    assertThat(taken).isEqualTo(text.length());
    assertThat(source.hasRemaining()).isFalse();
  }

  private String received() throws IOException {
    server.shutdownOutput();
    ByteBuffer all = ByteBuffer.allocate(4 << 20);
    while (client.read(all) >= 0) {
      assertThat(all.hasRemaining()).isTrue();
    }
    return new String(all.array(), 0, all.position(), StandardCharsets.US_ASCII);
  }

  /** Until the socket, which does not block, takes no more. */
  private StringBuilder fill() throws IOException {
    StringBuilder full = new StringBuilder();
    String filling = "x".repeat(1_024);
    for (int sent = -1; sent != 0; ) {
      sent = server.write(bytes(filling));
      full.append(filling, 0, sent);
    }
    return full;
  }

  private void drain(int length) throws IOException {
    ByteBuffer fetched = ByteBuffer.allocate(length);
    while (fetched.hasRemaining()) {
      assertThat(client.read(fetched)).isPositive();
    }
  }

  @Test
  void theFirstBytesAreTheStatusLineAndNoLaterOnes() throws IOException {
    channel.expect(head("EBUSY: bound"));

    write("HTTP/1.1 409 \r\nA: b\r\n\r\n");
    write("HTTP/1.1 200 \r\n is in the body");

    assertThat(received())
        .isEqualTo("HTTP/1.1 409 EBUSY: bound\r\nA: b\r\n\r\nHTTP/1.1 200 \r\n is in the body");
  }

  @Test
  void anInterimAnswerComesBeforeTheTrueOne() throws IOException {
    channel.expect(head("EINVAL: no"));

    write("HTTP/1.1 100 \r\n\r\n");
    write("HTTP/1.1 499 \r\n\r\n");

    assertThat(received()).isEqualTo("HTTP/1.1 100 \r\n\r\nHTTP/1.1 400 EINVAL: no\r\n\r\n");
  }

  @Test
  void whatIsNoStatusLineIsSentAsItIs() throws IOException {
    channel.expect(head("EINVAL: no"));

    write("{\"of\":\"HTTP/0.9\"}");
    write("HTTP/1.1 400 \r\n\r\n");

    assertThat(received()).isEqualTo("{\"of\":\"HTTP/0.9\"}HTTP/1.1 400 \r\n\r\n");
  }

  @Test
  void aConnectionThatIsUsedAgainOwesNothing() throws IOException {
    channel.expect(head("EINVAL: no"));

    channel.reset(server, new NioSocketWrapper(channel, new NioEndpoint()));
    write("HTTP/1.1 400 \r\n\r\n");

    assertThat(received()).isEqualTo("HTTP/1.1 400 \r\n\r\n");
  }

  @Test
  void aLineThatTheSocketDoesNotTakeIsToldAsOutstanding() throws IOException {
    server.setOption(StandardSocketOptions.SO_SNDBUF, 1_024);
    server.configureBlocking(false);
    StringBuilder full = fill();
    channel.expect(head("EBUSY: bound"));
    ByteBuffer source = bytes("HTTP/1.1 409 \r\n\r\n");

    // The line is taken from Tomcat's buffer, and kept until the socket takes it.
    assertThat(channel.write(source)).isEqualTo(15);
    assertThat(channel.getOutboundRemaining()).isEqualTo("HTTP/1.1 409 EBUSY: bound\r\n".length());
    assertThat(channel.write(source)).isZero();
    drain(full.length());
    server.configureBlocking(true);
    // What was kept goes first, with what is there now.
    assertThat(channel.write(source)).isEqualTo(2);
    assertThat(channel.getOutboundRemaining()).isZero();

    assertThat(received()).isEqualTo("HTTP/1.1 409 EBUSY: bound\r\n\r\n");
  }

  @Test
  void aLineThatIsKeptCanGoAlone() throws IOException {
    server.configureBlocking(false);
    StringBuilder full = fill();
    channel.expect(head("EBUSY: bound"));
    assertThat(channel.write(bytes("HTTP/1.1 409 \r\n"))).isEqualTo(15);
    assertThat(channel.getOutboundRemaining()).isPositive();

    drain(full.length());
    server.configureBlocking(true);
    assertThat(channel.flushOutbound()).isTrue();

    assertThat(channel.getOutboundRemaining()).isZero();
    assertThat(received()).isEqualTo("HTTP/1.1 409 EBUSY: bound\r\n");
  }

  /** As Tomcat does, as long as there is something; a socket takes what it has room for. */
  @Test
  void anAnswerThatTheSocketTakesInPartsIsWhole() throws IOException {
    server.setOption(StandardSocketOptions.SO_SNDBUF, 1_024);
    server.configureBlocking(false);
    channel.expect(head("EBUSY: bound"));
    String body = "0123456789".repeat(400_000);
    ByteBuffer source = bytes("HTTP/1.1 409 \r\n\r\n" + body);
    String expected = "HTTP/1.1 409 EBUSY: bound\r\n\r\n" + body;
    ByteBuffer all = ByteBuffer.allocate(expected.length());
    client.configureBlocking(false);

    int writes = 0;
    while (source.hasRemaining() || channel.getOutboundRemaining() > 0) {
      int before = source.position();
      assertThat(channel.write(source)).isEqualTo(source.position() - before);
      writes++;
      int _ = client.read(all);
    }
    client.configureBlocking(true);
    while (all.hasRemaining()) {
      assertThat(client.read(all)).isPositive();
    }

    assertThat(writes).isGreaterThan(1);
    assertThat(new String(all.array(), StandardCharsets.US_ASCII)).isEqualTo(expected);
  }

  /** Two writes would be two packets. */
  @Test
  void lineAndRestAreOneWrite() throws IOException {
    AtomicInteger writes = new AtomicInteger();
    HeadChannel counted =
        new HeadChannel(new SocketBufferHandler(1_024, 1_024, false)) {
          @Override
          int send(ByteBuffer bytes) throws IOException {
            writes.incrementAndGet();
            return super.send(bytes);
          }

          @Override
          long send(ByteBuffer[] bytes) throws IOException {
            writes.incrementAndGet();
            return super.send(bytes);
          }
        };
    counted.reset(server, new NioSocketWrapper(counted, new NioEndpoint()));
    counted.expect(head("EBUSY: bound"));

    assertThat(counted.write(bytes("HTTP/1.1 409 \r\nA: b\r\n\r\n"))).isEqualTo(23);

    assertThat(writes).hasValue(1);
    assertThat(received()).isEqualTo("HTTP/1.1 409 EBUSY: bound\r\nA: b\r\n\r\n");
  }
}
