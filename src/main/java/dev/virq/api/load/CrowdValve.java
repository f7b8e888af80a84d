package dev.virq.api.load;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.http.HttpHeaders;

/** In a {@link Crowd}, tells clients that their connection is closed after the answer. */
final class CrowdValve extends ValveBase {
  private final Crowd crowd;

  /** For one connector. */
  CrowdValve(Crowd crowd) {
    super(true);
    this.crowd = crowd;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (crowd.closesAfter(ShareFilter.owner(request.getDecodedRequestURI()))) {
      // The connector sees it, and closes.
      response.setHeader(HttpHeaders.CONNECTION, "close");
    }
    getNext().invoke(request, response);
  }
}
