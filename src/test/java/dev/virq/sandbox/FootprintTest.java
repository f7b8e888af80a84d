package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Jvm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What objects take of a heap now, and what is left of them when all are gone. Whoever makes one
 * smaller lowers the figures here.
 */
class FootprintTest {
  private static final Pattern FIGURE = Pattern.compile("(?m)^([a-z-]+): (-?\\d+)$");

  /** Bytes of an eventfd with its descriptor and its irqfd, bound and never signalled. */
  private static final long PAIR = 600;

  /**
   * Bytes of a VM with the full controller: 30 are for timers that none of its vCPUs has, 160 for
   * storms, a PIT that it does not have, and what its user agreed to of x2APIC.
   */
  private static final long VM = 3_700;

  /** Bytes of a sandbox: 110 are for the clock of its timers, 700 for its log, streams and runs. */
  private static final long SANDBOX = 5_150;

  /** Bytes of a sandbox with a VM, an eventfd and an irqfd. */
  private static final long SANDBOX_WITH_A_PAIR = 11_200;

  /** Bytes that a signal to a line allocates. */
  private static final long SIGNAL = 345;

  /** Bytes that it allocates when its writer injects. */
  private static final long SIGNAL_BY_THE_WRITER = 320;

  @Test
  void objectsTakeNoMoreThanTheyDidAndLeaveNothing() throws Exception {
    // The second compiler leaves out what it sees to be thrown away, and that at its own time.
    String output = Jvm.run(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"), Footprint.class);
    System.out.println(output.indent(2));
    Map<String, Long> bytes = new HashMap<>();
    Matcher figure = FIGURE.matcher(output);
    while (figure.find()) {
      bytes.put(figure.group(1), Long.parseLong(figure.group(2)));
    }

    assertThat(bytes.get("pair")).isBetween(100L, PAIR);
    assertThat(bytes.get("vm")).isBetween(100L, VM);
    assertThat(bytes.get("sandbox")).isBetween(100L, SANDBOX);
    assertThat(bytes.get("sandbox-with-a-pair"))
        .isBetween(bytes.get("sandbox") + bytes.get("vm"), SANDBOX_WITH_A_PAIR);
    // In thousandths of what the pairs took: the last freed irqfds can still be looked up.
    assertThat(bytes.get("left")).isLessThan(20);
    assertThat(bytes.get("left-again")).isLessThan(20);
    // The control: 64 bytes more a pair are seen as what they are.
    assertThat(bytes.get("fatter") - bytes.get("pair")).isBetween(60L, 72L);

    assertThat(bytes.get("signal")).isBetween(50L, SIGNAL);
    assertThat(bytes.get("signal-by-the-writer")).isBetween(50L, SIGNAL_BY_THE_WRITER);
    assertThat(bytes.get("fatter-signal") - bytes.get("signal")).isBetween(60L, 72L);
  }
}
