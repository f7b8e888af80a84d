package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.coyote.Response;
import org.apache.coyote.http11.HttpOutputBuffer;
import org.apache.coyote.http11.OutputFilter;
import org.apache.coyote.http11.filters.GzipOutputFilter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompressorTest {
  private final GzipOutputFilter gzip = new GzipOutputFilter();
  private final Compressor compressor = new Compressor(new OutputFilter[] {gzip});

  /** A connection whose client may go. */
  private static final class Client implements HttpOutputBuffer {
    boolean gone;
    long taken;

    @Override
    public int doWrite(ByteBuffer chunk) throws IOException {
      if (gone) {
        throw new IOException("connection reset");
      }
      taken += chunk.remaining();
      return chunk.remaining();
    }

    @Override
    public long getBytesWritten() {
      return taken;
    }

    @Override
    public void end() throws IOException {
      doWrite(ByteBuffer.allocate(0));
    }

    @Override
    public void flush() {}
  }

  private final Client client = new Client();

  @BeforeEach
  void connect() {
    gzip.setResponse(new Response());
    gzip.setBuffer(client);
  }

  private void write(int bytes) throws IOException {
    gzip.doWrite(ByteBuffer.allocate(bytes));
  }

  @Test
  void anAnswerWhoseClientHasGoneHoldsNothingOnceItIsOver() throws IOException {
    write(1_000);
    client.gone = true;
    gzip.flush();
    // Tomcat leaves it open: its memory is held.
    write(1_000);

    compressor.end();

    client.gone = false;
    assertThatThrownBy(() -> write(1_000)).hasMessageContaining("end of stream");
  }

  @Test
  void anAnswerThatHasEndedIsLeftAsItIs() throws IOException {
    write(1_000);
    gzip.end();
    long sent = client.taken;

    compressor.end();

    assertThat(client.taken).isEqualTo(sent);
  }

  @Test
  void anAnswerThatWasNotCompressedHasNothingToEnd() {
    compressor.end();

    assertThat(client.taken).isZero();
  }

  @Test
  void ofEveryConnectionItHasWhatTomcatCompressesWith() {
    FreshProcessor processor = (FreshProcessor) new HeadProtocol().createProcessor();

    assertThat(processor.filters()).hasAtLeastOneElementOfType(GzipOutputFilter.class);
  }
}
