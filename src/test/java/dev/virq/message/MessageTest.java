package dev.virq.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An interrupt message says who is meant, which vector, and how to deliver it; devices write it as
 * an address and data (MSI), processors as two register halves. Its fields are section 9 of {@code
 * src/docs/behaviour.md}.
 */
class MessageTest {
  private static final long ADDRESS = 0xfee0_0000L;

  // ---- from a device

  @Test
  void bits12To19OfTheAddressAreTheDestination() {
    assertThat(Message.msi(0xfee5_a000L, 0).destination()).isEqualTo(0x5a);
  }

  @Test
  void bit2OfTheAddressMakesTheDestinationLogical() {
    assertThat(Message.msi(ADDRESS, 0).logical()).isFalse();
    assertThat(Message.msi(ADDRESS | 1 << 2, 0).logical()).isTrue();
  }

  @Test
  void bit3OfTheAddressAsksForOneOfTheTargets() {
    assertThat(Message.msi(ADDRESS, 0).toOne()).isFalse();
    assertThat(Message.msi(ADDRESS | 1 << 3, 0).toOne()).isTrue();
  }

  @Test
  void theLowByteOfTheDataIsTheVector() {
    assertThat(Message.msi(ADDRESS, 0x8141).vector()).isEqualTo(0x41);
  }

  @ParameterizedTest
  @CsvSource({
    "0, FIXED",
    "1, LOWEST",
    "2, SMI",
    "3, RESERVED",
    "4, NMI",
    "5, INIT",
    "6, STARTUP",
    "7, EXTINT"
  })
  void bits8To10OfTheDataAreTheDeliveryMode(int bits, DeliveryMode mode) {
    assertThat(Message.msi(ADDRESS, bits << 8).mode()).isEqualTo(mode);
  }

  @Test
  void bit15OfTheDataMakesItLevelTriggered() {
    assertThat(Message.msi(ADDRESS, 0x41).level()).isFalse();
    assertThat(Message.msi(ADDRESS, 0x8041).level()).isTrue();
  }

  @Test
  void allOtherBitsAreIgnored() {
    // The upper word of the address, and bit 14 of the data, the level of a level interrupt.
    assertThat(Message.msi(0xffff_ffff_0005_a00cL, 0xffff_7941L))
        .isEqualTo(Message.msi(0x0005_a00cL, 0x141));
  }

  @Test
  void lowestPriorityAsksForOneOfTheTargetsToo() {
    assertThat(Message.msi(ADDRESS, 0x141).toOne()).isTrue();
  }

  // ---- from another processor

  @Test
  void aCommandGoesToItsDestination() {
    assertThat(Message.interprocessor(0x41, 0x5a).destination()).isEqualTo(0x5a);
  }

  @ParameterizedTest
  @CsvSource({"0, NONE", "1, SELF", "2, ALL", "3, OTHERS"})
  void bits18And19OfTheCommandAreTheShorthand(int bits, Message.Shorthand shorthand) {
    assertThat(Message.interprocessor(bits << 18, 0).shorthand()).isEqualTo(shorthand);
  }

  @Test
  void onlyACommandCanWithdrawALevel() {
    assertThat(Message.interprocessor(0x8041, 0).asserted()).isFalse();
    assertThat(Message.interprocessor(0xc041, 0).asserted()).isTrue();
    assertThat(Message.msi(ADDRESS, 0x8041).asserted()).isTrue();
  }
}
