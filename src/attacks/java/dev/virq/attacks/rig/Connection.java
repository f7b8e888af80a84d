package dev.virq.attacks.rig;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One TCP connection that speaks HTTP/1.1 as far as it is told to. A library's client would refuse
 * to send most of what an attack consists of. For one thread at a time.
 */
public final class Connection implements AutoCloseable {
  /** Bytes of a body that are kept; the rest is read and thrown away. */
  public static final int KEPT = 1 << 20;

  private static final int LONGEST_LINE = 1 << 16;
  private static final int CONNECT_MILLIS = 5_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private Connection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 4096);
    this.out = socket.getOutputStream();
  }

  /** Connects to a port of this machine; a read that takes longer than that fails. */
  @SuppressWarnings("AddressSelection") // 127.0.0.1 has one address
  public static Connection open(int port, int readMillis) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(readMillis);
      socket.connect(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
          CONNECT_MILLIS);
      return new Connection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The bytes of a request; the type is left out when there is no body. */
  public static byte[] request(
      String method, String target, String type, byte[] body, String... headers) {
    StringBuilder head =
        new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    boolean host = false;
    for (String header : headers) {
      head.append(header).append("\r\n");
      host |= header.toLowerCase(Locale.ROOT).startsWith("host:");
    }
    if (!host) {
      head.append("Host: 127.0.0.1\r\n");
    }
    if (!type.isEmpty()) {
      head.append("Content-Type: ").append(type).append("\r\n");
    }
    if (body.length > 0 || !method.equals("GET")) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[start.length + body.length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return all;
  }

  /** Sends these bytes, whatever they are. */
  public void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Sends this text, a byte a character. */
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Ends the sending half and leaves the other open. */
  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** From now on a read that takes longer than that fails. */
  public void timeout(int readMillis) throws IOException {
    socket.setSoTimeout(readMillis);
  }

  /** Makes the close a reset, which the other side learns at once. */
  public void resetOnClose() throws IOException {
    socket.setSoLinger(true, 0);
  }

  /** Reads one answer. */
  public Answer read() throws IOException {
    String statusLine = line();
    StringBuilder head = new StringBuilder(statusLine).append('\n');
    String length = "";
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      head.append(line).append('\n');
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = lower.substring("content-length:".length()).strip();
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.contains("chunked");
      }
    }
    int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
    if (status == 100) {
      return read();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (chunked) {
      readChunks(body);
    } else if (!length.isEmpty()) {
      take(Long.parseLong(length), body);
    } else if (status != 204 && status != 304) {
      take(Long.MAX_VALUE, body);
    }
    return new Answer(status, head.toString(), body.toString(StandardCharsets.UTF_8));
  }

  private void readChunks(ByteArrayOutputStream body) throws IOException {
    while (true) {
      long size = Long.parseLong(line().split(";", 2)[0].strip(), 16);
      if (size == 0) {
        while (!line().isEmpty()) {
          // Trailers say nothing that is needed.
        }
        return;
      }
      take(size, body);
      line();
    }
  }

  /** Reads so many bytes, or as far as the end when there is no such number. */
  private void take(long count, ByteArrayOutputStream body) throws IOException {
    byte[] buffer = new byte[(int) Math.min(count, 8192)];
    for (long left = count; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        if (count == Long.MAX_VALUE) {
          return;
        }
        throw new EOFException("the answer ended " + left + " bytes early");
      }
      int kept = Math.min(n, KEPT - body.size());
      body.write(buffer, 0, kept);
      left -= n;
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(80);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection was closed");
      }
      if (line.length() > LONGEST_LINE) {
        throw new IOException("a line of the answer is longer than " + LONGEST_LINE);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
