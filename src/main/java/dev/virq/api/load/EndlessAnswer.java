package dev.virq.api.load;

import dev.virq.sync.Sleep;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.springframework.web.util.WebUtils;

/**
 * An answer that goes on for as long as its client stays. It is written by the virtual thread of
 * its request, which keeps no place among those that are served, and is sent piece by piece; each
 * has to be fetched within the time that any answer has. One of which a copy is kept is written
 * like any other, also when its client has gone.
 */
public final class EndlessAnswer {
  private final ServletResponse response;
  private final boolean kept;

  private EndlessAnswer(HttpServletResponse response) {
    PatientResponse patient = WebUtils.getNativeResponse(response, PatientResponse.class);
    this.kept = WebUtils.getNativeResponse(response, CopyKept.class) != null;
    this.response = kept || patient == null ? response : patient;
  }

  /** What is written of it. */
  @FunctionalInterface
  public interface Writing {
    /** Writes until the end, or until the client is gone. */
    void to(EndlessAnswer answer) throws IOException, InterruptedException;
  }

  /**
   * Writes an answer whose status and headers are set.
   *
   * @return whether it was written to its end; false when the client went away, or was too slow
   */
  public static boolean write(HttpServletResponse response, Writing writing) {
    EndlessAnswer answer = new EndlessAnswer(response);
    return Sleep.through(() -> answer.write(writing));
  }

  /**
   * As {@link #write}, by a thread that has a turn among others at work, and keeps it: what is
   * written takes work.
   */
  public static boolean work(HttpServletResponse response, Writing writing) {
    return new EndlessAnswer(response).write(writing);
  }

  private boolean write(Writing writing) {
    try {
      writing.to(this);
      return true;
    } catch (IOException e) {
      // Nobody is left to be told.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether a copy is kept: then nothing is sent before the connector has enough. */
  public boolean isKept() {
    return kept;
  }

  /** Sends what the buffer has, and empties it. */
  public void send(ByteArrayOutputStream buffer) throws IOException {
    byte[] bytes = buffer.toByteArray();
    buffer.reset();
    if (response instanceof PatientResponse patient) {
      patient.send(bytes, bytes.length);
    } else {
      response.getOutputStream().write(bytes);
      if (!kept) {
        response.flushBuffer();
      }
    }
  }
}
