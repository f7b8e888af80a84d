package dev.virq.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Collects what the log may not have while it is open: warnings, errors, and any stack trace. */
final class LogWatch extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private static final int MOST = 20;

  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<Line> seen = new ArrayList<>();

  /**
   * A line.
   *
   * @param request whose it is, or the empty string
   * @param text with the exception, if any
   */
  record Line(String request, String text) {}

  LogWatch() {
    setContext(root.getLoggerContext());
    start();
    root.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getThrowableProxy() == null && event.getLevel().toInt() < Level.WARN_INT) {
      return;
    }
    synchronized (seen) {
      if (seen.size() < MOST) {
        String thrown =
            event.getThrowableProxy() == null
                ? ""
                : " "
                    + event.getThrowableProxy().getClassName()
                    + ": "
                    + event.getThrowableProxy().getMessage();
        seen.add(
            new Line(
                event.getMDCPropertyMap().getOrDefault("requestId", ""),
                "logged %s %s: %s%s"
                    .formatted(
                        event.getLevel(),
                        event.getLoggerName(),
                        event.getFormattedMessage(),
                        thrown)));
      }
    }
  }

  /** Whatever was logged, and is taken away with that. */
  List<Line> take() {
    synchronized (seen) {
      List<Line> taken = List.copyOf(seen);
      seen.clear();
      return taken;
    }
  }

  @Override
  public void close() {
    root.detachAppender(this);
    stop();
  }
}
