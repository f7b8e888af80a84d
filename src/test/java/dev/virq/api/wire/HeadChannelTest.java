package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
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
