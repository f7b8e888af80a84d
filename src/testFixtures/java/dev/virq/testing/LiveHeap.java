package dev.virq.testing;

import java.lang.management.ManagementFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * How much of this JVM's heap is alive, counted object by object, so that neither a thread's
 * allocation buffer nor garbage is in it. For JVMs that measure and do nothing else ({@link Jvm}).
 */
public final class LiveHeap {
  /** What a look itself may change: a class loaded, a table of the JDK grown. */
  private static final long SAME = 4_096;

  /** Enough for any threads to end. */
  private static final int MOST_LOOKS = 1_000;

  /** Its last line: instances, bytes. */
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)$");

  private LiveHeap() {}

  /**
   * Bytes alive once the heap is at rest: no virtual thread has anything to do, and two looks in a
   * row agree. Threads whose work is done, for all that a client sees, may end only later on a busy
   * machine.
   *
   * @throws IllegalStateException if it does not come to rest
   */
  public static long bytes() {
    VirtualThreadSchedulerMXBean threads =
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    long before = -SAME;
    for (int looks = 0; looks < MOST_LOOKS; looks++) {
      boolean idle =
          threads.getQueuedVirtualThreadCount() == 0 && threads.getMountedVirtualThreadCount() == 0;
      long now = total();
      if (idle && Math.abs(now - before) < SAME) {
        return now;
      }
      before = now;
    }
    throw new IllegalStateException("the heap does not come to rest at " + before + " bytes");
  }

  /** The classes with the most bytes alive, one in a line. */
  public static String largest(int classes) {
    return histogram().lines().limit(classes + 3L).reduce("", (all, line) -> all + "\n" + line);
  }

  private static long total() {
    Matcher matcher = TOTAL.matcher(histogram());
    if (!matcher.find()) {
      throw new IllegalStateException("a histogram without a total");
    }
    return Long.parseLong(matcher.group(1));
  }

  /** After a full collection. */
  private static String histogram() {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try {
      return (String)
          server.invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "gcClassHistogram",
              new Object[] {new String[0]},
              new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException("the objects cannot be counted", e);
    }
  }
}
