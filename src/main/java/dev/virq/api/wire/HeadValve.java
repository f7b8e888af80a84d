package dev.virq.api.wire;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.http.HttpStatus;

/** Sends what was refused, once all filters and meters have seen it. */
public final class HeadValve extends ValveBase {
  /** For one connector. */
  public HeadValve() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    getNext().invoke(request, response);
    if (response.getStatus() == HttpStatus.BAD_REQUEST.value() && !response.isCommitted()) {
      Head.finish(request, response);
    }
  }
}
