package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedPiecesTest {
  private static final byte[] TEXT = {1};

  private final SharedPieces pieces = new SharedPieces();

  @Test
  void streamThatIsAloneKeepsNothing() {
    pieces.sharedBy(1);

    pieces.keep(7, TEXT);

    assertThat(pieces.find(7)).isNull();
  }

  @Test
  void pieceIsFoundByItsNumberUntilANewerOneTakesItsPlace() {
    pieces.sharedBy(5);
    pieces.keep(7, TEXT);

    pieces.keep(3, new byte[1]);
    assertThat(pieces.find(3)).isNull();
    assertThat(pieces.find(7)).isSameAs(TEXT);

    pieces.keep(11, new byte[1]);
    assertThat(pieces.find(7)).isNull();
    assertThat(pieces.find(11)).isNotNull();
  }

  @Test
  void longPieceIsNotKept() {
    pieces.sharedBy(2);

    pieces.keep(0, new byte[16_385]);

    assertThat(pieces.find(0)).isNull();
  }

  @Test
  void whatIsKeptGoesWithTheStreams() {
    pieces.sharedBy(1_000);
    pieces.keep(63, TEXT);
    assertThat(pieces.find(63)).isSameAs(TEXT);

    pieces.sharedBy(2);
    pieces.sharedBy(1_000);

    assertThat(pieces.find(63)).isNull();
  }
}
