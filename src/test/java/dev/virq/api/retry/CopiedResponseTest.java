package dev.virq.api.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;

class CopiedResponseTest {
  private static final int LONGEST = 100;

  /** Takes so many writes, and then its client has gone. */
  private static final class Connection extends MockHttpServletResponse {
    private int writes;

    Connection(int writes) {
      this.writes = writes;
    }

    @Override
    public ServletOutputStream getOutputStream() {
      return new ServletOutputStream() {
        @Override
        public void write(int b) throws IOException {
          if (writes-- <= 0) {
            throw new IOException("broken pipe");
          }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          write(length);
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
          throw new IllegalStateException("answers are not asynchronous");
        }
      };
    }
  }

  @Test
  void isWholeThoughItsClientGoesBeforeTheEnd() throws IOException {
    Connection connection = new Connection(1);
    CopiedResponse copied = new CopiedResponse(connection, LONGEST);

    for (int i = 0; i < 5; i++) {
      copied.getOutputStream().write(new byte[20]);
      copied.getOutputStream().flush();
    }

    assertThat(copied.body()).hasSize(100);
    assertThat(connection.writes).as("not asked again").isEqualTo(-1);
  }

  @Test
  void whatIsTooLongIsNotKeptAndNotWrittenForNobody() throws IOException {
    CopiedResponse copied = new CopiedResponse(new Connection(5), LONGEST);
    for (int i = 0; i < 5; i++) {
      copied.getOutputStream().write(new byte[20]);
    }

    assertThatThrownBy(() -> copied.getOutputStream().write(1)).isInstanceOf(IOException.class);
    assertThat(copied.body()).isNull();
  }

  @Test
  void aClientThatWentWhileItWasShortIsKnownToHaveGoneWhenItIsTooLong() throws IOException {
    CopiedResponse copied = new CopiedResponse(new Connection(0), LONGEST);
    copied.getOutputStream().write(new byte[LONGEST]);

    assertThatThrownBy(() -> copied.getOutputStream().write(1)).isInstanceOf(IOException.class);
    assertThat(copied.body()).isNull();
  }
}
