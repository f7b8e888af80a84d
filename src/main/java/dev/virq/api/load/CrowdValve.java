package dev.virq.api.load;

import dev.virq.api.wire.Head;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.http.HttpStatus;

/** In a {@link Crowd}, has connections closed after an answer. */
final class CrowdValve extends ValveBase {
  private final Crowd crowd;

  /** For one connector. */
  CrowdValve(Crowd crowd) {
    super(true);
    this.crowd = crowd;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!crowd.isFull()) {
      getNext().invoke(request, response);
      return;
    }
    String sandbox = ShareFilter.owner(request.getDecodedRequestURI());
    if (crowd.closesAfter(sandbox)) {
      Head.closeAfterAnswer(request);
    }
    getNext().invoke(request, response);
    // Only now: a name that anybody makes up has no sandbox, and one that may not call none either.
    boolean refused = response.getStatus() >= HttpStatus.BAD_REQUEST.value();
    crowd.served(refused ? Crowd.NONE : sandbox);
  }
}
