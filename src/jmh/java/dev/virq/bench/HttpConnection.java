package dev.virq.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A connection to a port of this machine that stays open, one request at a time, with as little
 * work on this side as may be: client and server share the processors. For one thread at a time.
 */
public final class HttpConnection implements AutoCloseable {
  private static final String LENGTH = "content-length: ";
  private static final String CHUNKED = "transfer-encoding: chunked";

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /** Opens it. */
  public HttpConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /**
   * The bytes of a request, to be sent any number of times.
   *
   * @param line such as {@code POST /v1/sandboxes}
   * @param headers lines such as {@code Accept: text/plain}
   */
  public static byte[] request(String line, String... headers) {
    StringBuilder head = new StringBuilder(line).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** As above, a POST with a body. */
  public static byte[] post(String path, String type, String body) {
    byte[] text = body.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        request("POST " + path, "Content-Type: " + type, "Content-Length: " + text.length);
    byte[] all = Arrays.copyOf(head, head.length + text.length);
    System.arraycopy(text, 0, all, head.length, text.length);
    return all;
  }

  /**
   * Sends a request and takes the answer's body.
   *
   * @throws IOException when the status is not the wanted one, with the whole answer
   */
  public byte[] call(byte[] request, int wanted) throws IOException {
    out.write(request);
    String status = line();
    int length = 0;
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (line.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
        length = Integer.parseInt(line.substring(LENGTH.length()));
      }
      chunked |= line.toLowerCase(Locale.ROOT).equals(CHUNKED);
    }
    byte[] body = chunked ? chunks() : in.readNBytes(length);
    if (!status.startsWith("HTTP/1.1 " + wanted)) {
      throw new IOException(status + "\n" + new String(body, StandardCharsets.UTF_8));
    }
    return body;
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(line(), 16);
      body.writeBytes(in.readNBytes(length));
      if (!line().isEmpty()) {
        throw new IOException("a chunk is longer than it says");
      }
      if (length == 0) {
        return body.toByteArray();
      }
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("the connection was closed");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
