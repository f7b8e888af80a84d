package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * One connection after the other, each kept alive for as long as the server does. It sends bytes as
 * they are, which no client does that knows HTTP.
 */
final class Wire implements AutoCloseable {
  /** Never reached by a right server. */
  private static final int READ_MILLIS = 60_000;

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param headers names in small letters; of several the last
   * @param body uncompressed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int status, Map<String, String> headers, byte[] body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private final int port;
  private Socket socket;
  private InputStream in;

  Wire(int port) {
    this.port = port;
  }

  /** Sends one request that is framed rightly, and reads its answer. */
  Answer exchange(byte[] request) throws IOException {
    boolean fresh = socket == null;
    try {
      return tryExchange(request);
    } catch (IOException e) {
      close();
      if (fresh) {
        throw e;
      }
      // The server may close an idle connection at any time; a fresh one it has to serve.
      return tryExchange(request);
    }
  }

  private Answer tryExchange(byte[] request) throws IOException {
    open();
    socket.getOutputStream().write(request);
    Answer answer = read(startsWith(request, "HEAD "));
    if (answer.header("connection").equalsIgnoreCase("close") || startsWith(request, "CONNECT ")) {
      close();
    }
    return answer;
  }

  /**
   * Sends bytes that may be no request, says that no more come, and reads what is answered to the
   * end.
   */
  List<Answer> send(byte[] bytes) throws IOException {
    close();
    open();
    List<Answer> answers = new ArrayList<>();
    try {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
      while (answers.size() < 8) {
        answers.add(read(startsWith(bytes, "HEAD ")));
      }
    } catch (IOException e) {
      // Closed or reset: to bytes that are no request there need be no answer.
    } finally {
      close();
    }
    return answers;
  }

  /** Sends bytes and is gone, with a reset, before anything is answered. */
  void abandon(byte[] bytes) throws IOException {
    close();
    open();
    socket.setSoLinger(true, 0);
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // The server may have refused already.
    } finally {
      close();
    }
  }

  private static boolean startsWith(byte[] bytes, String text) {
    return new String(bytes, 0, Math.min(bytes.length, text.length()), ISO_8859_1).equals(text);
  }

  private void open() throws IOException {
    if (socket == null) {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(READ_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    }
  }

  private Answer read(boolean head) throws IOException {
    String line = line();
    if (!line.startsWith("HTTP/1.1 ")) {
      throw new IOException("not a status line: " + line);
    }
    int status = Integer.parseInt(line.substring(9, 12));
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    if (status == 100) {
      return read(head);
    }
    byte[] body;
    if (head || status == 204) {
      body = new byte[0];
    } else if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      body = chunks();
    } else if (headers.containsKey("content-length")) {
      body = exactly(Integer.parseInt(headers.get("content-length")));
    } else {
      body = in.readAllBytes();
      close();
    }
    boolean zipped = headers.getOrDefault("content-encoding", "").equals("gzip");
    return new Answer(status, headers, zipped && body.length > 0 ? unzipped(body) : body);
  }

  private static byte[] unzipped(byte[] body) throws IOException {
    try (GZIPInputStream content = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return content.readAllBytes();
    }
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(), 16);
      body.writeBytes(exactly(size));
      String end = line();
      if (size == 0) {
        return body.toByteArray();
      }
      if (!end.isEmpty()) {
        throw new IOException("a chunk ends with " + end);
      }
    }
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the body ends after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended");
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // It is gone either way.
    } finally {
      socket = null;
    }
  }
}
