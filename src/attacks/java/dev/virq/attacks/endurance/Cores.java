package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Settings;
import java.io.IOException;
import java.util.List;

/**
 * Keeps the one that sends and the one that answers apart, so that an overload is not a lack of
 * time to send: the instance on one core, this process on the others.
 */
final class Cores implements AutoCloseable {
  private static final int COUNT = Runtime.getRuntime().availableProcessors();

  private final boolean apart;

  /** Moves this process away from the instance's core, when judging needs it and taskset exists. */
  Cores() {
    apart = Settings.FULL && COUNT > 1 && move("1-" + (COUNT - 1));
  }

  /** What the instance's command begins with. */
  List<String> ofTheInstance() {
    return apart ? List.of("taskset", "-c", "0") : List.of();
  }

  String shown() {
    return apart ? "instance on a core of its own" : "no cores apart";
  }

  private static boolean move(String cores) {
    String self = Long.toString(ProcessHandle.current().pid());
    try {
      return new ProcessBuilder("taskset", "-a", "-c", "-p", cores, self)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      // There is no taskset here.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    if (apart) {
      boolean _ = move("0-" + (COUNT - 1));
    }
  }
}
