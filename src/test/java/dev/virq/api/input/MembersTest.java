package dev.virq.api.input;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MembersTest {
  private static boolean takes(String json) {
    Members members = new Members();
    for (byte next : json.getBytes(US_ASCII)) {
      if (!members.accepts(next)) {
        return false;
      }
    }
    return true;
  }

  private static String object(int members) {
    return "{\"a\":1" + ",\"b\":[{\"c\":1}]".repeat(members - 1) + "}";
  }

  @Test
  void takesAsManyMembersAsMayBe() {
    assertThat(takes(object(Members.MOST))).isTrue();
    assertThat(takes(object(Members.MOST + 1))).isFalse();
  }

  @Test
  void countsEachObjectByItself() {
    assertThat(takes("[" + object(Members.MOST) + "," + object(Members.MOST) + "]")).isTrue();
    assertThat(takes(object(Members.MOST) + "\n" + object(Members.MOST))).isTrue();
    assertThat(takes("[[{}]," + object(Members.MOST + 1) + "]")).isFalse();
  }

  @Test
  void countsNothingWithinStrings() {
    String colons = ":{".repeat(Members.MOST + 1);

    assertThat(takes("{\"" + colons + "\\\"" + colons + "\\\\\":\"" + colons + "\"}")).isTrue();
    assertThat(takes("{\"a\":\"\\\\\"," + object(Members.MOST + 1).substring(1))).isFalse();
  }

  @Test
  void takesWhatNoParserTakes() {
    assertThat(takes("[".repeat(2_000) + "]".repeat(4_000) + object(Members.MOST))).isTrue();
  }
}
