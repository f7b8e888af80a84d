package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A request while it is made up. */
final class Draft {
  final Document.Operation operation;
  String method;
  String path;
  final List<String> query = new ArrayList<>();
  final List<String> headers = new ArrayList<>();
  byte[] body;
  String protocol = "HTTP/1.1";
  String type;

  /** Statuses that it may get besides those that its operation documents. */
  final Set<Integer> also = new TreeSet<>();

  /** Told in the log, too, so that a line there leads back to the request. */
  final String id;

  private Draft(Document.Operation operation, Values values, String id) {
    this.operation = operation;
    this.id = id;
    method = operation.method();
    path = operation.path();
    type = operation.mediaType();
    for (Document.Parameter parameter : operation.parameters()) {
      String value = URLEncoder.encode(values.parameter(parameter), UTF_8).replace("+", "%20");
      if (parameter.inPath()) {
        path = path.replace("{" + parameter.name() + "}", value);
        // What no segment may be is refused by itself, and one that is empty is another path.
        if (value.isEmpty() || value.contains("%") || value.startsWith(".")) {
          also.addAll(List.of(400, 404, 405));
        }
      } else if (parameter.name().equals("timeout") || values.chance(30)) {
        query.add(parameter.name() + "=" + value);
      }
    }
    if (operation.takesBody()) {
      body =
          (type.equals("text/plain")
                  ? values.script(operation.examples())
                  : values.json("", operation.body(), 0))
              .getBytes(UTF_8);
      if (!values.chance(type.equals("text/plain") ? 100 : 96)) {
        body = null;
      }
    }
  }

  /** A request of that operation, as hostile as the values are. */
  static Draft of(Document.Operation operation, Values values, String id) {
    return new Draft(operation, values, id);
  }

  /** As it is sent. */
  byte[] bytes() {
    StringBuilder head = new StringBuilder(method).append(' ').append(path);
    if (!query.isEmpty()) {
      head.append('?').append(String.join("&", query));
    }
    head.append(' ')
        .append(protocol)
        .append("\r\nHost: fuzz\r\nX-Request-Id: ")
        .append(id)
        .append("\r\n");
    if (body != null && !type.isEmpty()) {
      head.append("Content-Type: ").append(type).append("\r\n");
    }
    headers.forEach(header -> head.append(header).append("\r\n"));
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
    if (body != null) {
      bytes.writeBytes(body);
    }
    return bytes.toByteArray();
  }
}
