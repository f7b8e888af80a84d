package dev.virq.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.message.Message;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A routing table says where each line (GSI) leads: to pins of the chips, or to a message. Its
 * rules are sections 1, 5 and 10 of {@code src/docs/behaviour.md}.
 */
class RoutingTableTest {
  private static final int MASTER = 0;
  private static final int SLAVE = 1;
  private static final int IOAPIC = 2;
  private static final long ADDRESS = 0xfee0_0000L;

  // ---- the tables that a controller starts with

  @Test
  void byDefaultALineBelowEightLeadsToTheIoApicAndTheMaster() {
    assertThat(RoutingTable.DEFAULT.routes(5))
        .containsExactly(new Route.Pin(Chip.IOAPIC, 5), new Route.Pin(Chip.MASTER, 5));
  }

  @Test
  void byDefaultALineFromEightToFifteenLeadsToTheIoApicAndTheSlave() {
    assertThat(RoutingTable.DEFAULT.routes(12))
        .containsExactly(new Route.Pin(Chip.IOAPIC, 12), new Route.Pin(Chip.SLAVE, 4));
  }

  @Test
  void byDefaultALineFromSixteenToTwentyThreeLeadsToTheIoApicOnly() {
    assertThat(RoutingTable.DEFAULT.routes(16)).containsExactly(new Route.Pin(Chip.IOAPIC, 16));
    assertThat(RoutingTable.DEFAULT.routes(23)).containsExactly(new Route.Pin(Chip.IOAPIC, 23));
    assertThat(RoutingTable.DEFAULT.size()).isEqualTo(24);
  }

  @Test
  void theTableOfASplitControllerStartsEmpty() {
    assertThat(RoutingTable.EMPTY.size()).isZero();
    assertThat(RoutingTable.EMPTY.entries()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 24, 4096, 0xffff_ffffL, 1L << 32, Long.MIN_VALUE})
  void aLineThatNoEntryNamesLeadsNowhere(long gsi) {
    assertThat(RoutingTable.DEFAULT.routes(gsi)).isEmpty();
  }

  // ---- what a line may lead to

  @Test
  void aLineLeadsToItsRoutesInTheOrderOfTheTable() {
    RoutingTable table = table(pin(3, SLAVE, 1), pin(3, IOAPIC, 9), pin(3, MASTER, 0));

    assertThat(table.routes(3))
        .containsExactly(
            new Route.Pin(Chip.SLAVE, 1),
            new Route.Pin(Chip.IOAPIC, 9),
            new Route.Pin(Chip.MASTER, 0));
  }

  @Test
  void aLineLeadsToOnePinOfAChipAtMost() {
    refused(pin(3, IOAPIC, 1), pin(3, IOAPIC, 2));
  }

  @Test
  void aLineThatLeadsToAMessageLeadsToNothingElse() {
    refused(message(3), pin(3, IOAPIC, 1));
    refused(pin(3, IOAPIC, 1), message(3));
    refused(message(3), message(3));
  }

  @Test
  void aMessageIsSentAtOnceOnlyWhenItIsTheOnlyRoute() {
    RoutingTable table = table(message(3), pin(4, IOAPIC, 4));

    assertThat(table.onlyMessage(3)).isEqualTo(Message.msi(ADDRESS, 0x41));
    assertThat(table.onlyMessage(4)).isNull();
    assertThat(table.onlyMessage(5)).isNull();
  }

  @Test
  void anyOtherKindIsRefused() {
    refused(new RoutingEntry.Other(3, 3, 0));
    refused(new RoutingEntry.Other(3, 4, 0));
    refused(new RoutingEntry.Other(3, 5, 0));
  }

  // ---- the way back, from a pin to its line

  @Test
  void aPinBelongsToTheLastEntryThatNamesIt() {
    RoutingTable table = table(pin(3, IOAPIC, 9), pin(4, IOAPIC, 9));

    assertThat(table.line(Chip.IOAPIC, 9)).isEqualTo(4);
  }

  @Test
  void aPinThatNoEntryNamesHasNoLine() {
    RoutingTable table = table(pin(3, MASTER, 1));

    assertThat(table.line(Chip.MASTER, 1)).isEqualTo(3);
    assertThat(table.line(Chip.SLAVE, 1)).isEqualTo(-1);
    assertThat(table.line(Chip.MASTER, 2)).isEqualTo(-1);
  }

  // ---- what is refused

  @ParameterizedTest
  @CsvSource({"0, 8", "1, 8", "2, 24", "2, -1", "3, 0", "-1, 0"})
  void aPinThatIsNotThereIsRefused(long chip, long pin) {
    refused(pin(3, chip, pin));
  }

  @ParameterizedTest
  @CsvSource({"0, 7", "1, 7", "2, 23"})
  void theLastPinOfEachChipIsTaken(long chip, long pin) {
    assertThat(table(pin(3, chip, pin)).routes(3)).hasSize(1);
  }

  @Test
  void aSplitControllerHasNoChipsToLeadTo() {
    refused(List.of(pin(3, IOAPIC, 3)), 0, false);

    assertThat(RoutingTable.of(List.of(message(3)), 0, false).routes(3)).hasSize(1);
  }

  @Test
  void aLineNumberIsBelow4096() {
    assertThat(table(message(4095)).routes(4095)).hasSize(1);

    refused(message(4096));
    refused(message(-1));
  }

  @Test
  void aTableHasAtMost4096Entries() {
    RoutingEntry[] most = new RoutingEntry[4097];
    Arrays.setAll(most, i -> i < 4096 ? pin(i, IOAPIC, i % 24) : pin(0, MASTER, 0));
    assertThat(table(Arrays.copyOf(most, 4096)).size()).isEqualTo(4096);

    refused(most);
  }

  @Test
  void onlyAMessageMayCarryAFlagAndOnlyTheOneOfTheDevice() {
    assertThat(table(new RoutingEntry.Message(3, ADDRESS, 0x41, 0, 1)).routes(3)).hasSize(1);

    refused(new RoutingEntry.Message(3, ADDRESS, 0x41, 0, 2));
    refused(new RoutingEntry.Pin(3, IOAPIC, 3, 1));
  }

  @Test
  void aTableHasNoFlags() {
    refused(List.of(), 1, true);
  }

  private static RoutingEntry pin(long gsi, long chip, long pin) {
    return new RoutingEntry.Pin(gsi, chip, pin, 0);
  }

  private static RoutingEntry message(long gsi) {
    return new RoutingEntry.Message(gsi, ADDRESS, 0x41, 0, 0);
  }

  private static RoutingTable table(RoutingEntry... entries) {
    return RoutingTable.of(List.of(entries), 0, true);
  }

  private static void refused(RoutingEntry... entries) {
    refused(List.of(entries), 0, true);
  }

  private static void refused(List<RoutingEntry> entries, long flags, boolean chips) {
    assertThatThrownBy(() -> RoutingTable.of(entries, flags, chips))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }
}
