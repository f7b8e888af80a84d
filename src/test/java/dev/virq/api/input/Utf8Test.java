package dev.virq.api.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The JDK's decoder is the oracle: the same bytes are text for both. */
class Utf8Test {
  private static final long SEED = 14;

  private static boolean jdkTakes(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)) != null;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static void compare(byte[] bytes) {
    assertThat(Utf8.fault(bytes) < 0).as(() -> hex(bytes)).isEqualTo(jdkTakes(bytes));
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  @Test
  void everySequenceOfOneAndTwoBytes() {
    for (int first = 0; first < 256; first++) {
      compare(new byte[] {(byte) first});
      for (int second = 0; second < 256; second++) {
        compare(new byte[] {(byte) first, (byte) second});
      }
    }
  }

  @Test
  void everyLongerSequenceByItsFirstTwoBytesAndTheEdgesOfTheOthers() {
    byte[] edges = {0, 0x7f, (byte) 0x80, (byte) 0xbf, (byte) 0xc0, (byte) 0xff};
    for (int first = 0xe0; first < 256; first++) {
      for (int second = 0x7f; second < 0xc2; second++) {
        for (byte third : edges) {
          compare(new byte[] {(byte) first, (byte) second, third});
          for (byte fourth : edges) {
            compare(new byte[] {(byte) first, (byte) second, third, fourth});
            compare(new byte[] {'a', (byte) first, (byte) second, third, fourth, 'b'});
          }
        }
      }
    }
  }

  @Test
  void textThatSomeByteWasChangedIn() {
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = "aé€\ud83d\ude00\u07ff\uffff\udbff\udfff".getBytes(UTF_8);
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      compare(bytes);
    }
  }

  @Test
  void saysWhereTheTextBreaks() {
    byte[] overlong = {'a', (byte) 0xc0, (byte) 0xaf};
    byte[] cut = {'a', (byte) 0xe2, (byte) 0x82};

    assertThat(Utf8.told(overlong, Utf8.fault(overlong)))
        .isEqualTo("is not well-formed UTF-8: byte 0xc0 at offset 1");
    assertThat(Utf8.told(cut, Utf8.fault(cut)))
        .isEqualTo("is not well-formed UTF-8: it ends within a character");
    assertThat(Utf8.told(new byte[] {'a'}, Utf8.fault(new byte[] {'a'}))).isNull();
  }
}
