package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.sync.Halted;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What a listener throws: nobody who waits suffers for it, but a run that is over is over. */
class AlarmsTest {
  @Test
  void aListenerThatThrowsIsKeptFromTheUpdater() throws InterruptedException {
    IllegalStateException bug = new IllegalStateException("of the listener");
    List<Throwable> uncaught = new ArrayList<>();
    Thread updater = new Thread(() -> new Alarms(throwing(bug)).waiting(() -> true));
    updater.setUncaughtExceptionHandler((_, thrown) -> uncaught.add(thrown));
    updater.start();
    updater.join();

    assertThat(uncaught).containsExactly(bug);
  }

  @Test
  void anUpdaterOfARunThatIsGivenUpDoesNotGoOn() {
    Halted over = new Halted();

    assertThatThrownBy(() -> new Alarms(throwing(over)).waiting(() -> true)).isSameAs(over);
  }

  private static SrcuListener throwing(Throwable thrown) {
    return new SrcuListener() {
      @Override
      public void waiting(BooleanSupplier over) {
        throw AlarmsTest.<RuntimeException>sneaky(thrown);
      }
    };
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
