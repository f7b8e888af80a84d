package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.sync.Sleep;
import dev.virq.testing.NotedPlace;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;

class PatientResponseTest {
  private final AtomicLong clock = new AtomicLong();
  private final MockHttpServletResponse fetched = new MockHttpServletResponse();
  private final PatientResponse response =
      new PatientResponse(fetched, Duration.ofNanos(100), clock::get);

  @Test
  void othersRunWhileALongAnswerIsFetched() throws IOException {
    NotedPlace place = new NotedPlace();
    Sleep.inPlace(
        place,
        () -> {
          response.getOutputStream().write(new byte[4_096]);
          assertThat(place.notes()).as("the connector has room for it").isEmpty();
          response.getOutputStream().write(1);
          return null;
        });

    assertThat(place.notes()).containsExactly("leave", "await");
    assertThat(fetched.getContentAsByteArray()).hasSize(4_097);
  }

  @Test
  void anAnswerThatIsNotFetchedInTimeIsGivenUp() throws IOException {
    ServletOutputStream body = response.getOutputStream();
    body.write(new byte[4_096]);
    clock.set(100);
    body.write(1);
    clock.set(101);

    assertThatThrownBy(() -> body.write(1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was not fetched within");
  }

  @Test
  void pieceOfAnEndlessAnswerHasADeadlineOfItsOwn() throws IOException {
    PatientResponse slow =
        new PatientResponse(
            new MockHttpServletResponse() {
              @Override
              public void flushBuffer() {
                clock.addAndGet(60);
                super.flushBuffer();
              }
            },
            Duration.ofNanos(100),
            clock::get);

    for (int i = 0; i < 10; i++) {
      slow.send(new byte[10], 10);
    }

    assertThat(clock.get()).as("long after the first deadline").isEqualTo(600);
    PatientResponse tooSlow =
        new PatientResponse(
            new MockHttpServletResponse() {
              @Override
              public ServletOutputStream getOutputStream() {
                clock.addAndGet(101);
                return super.getOutputStream();
              }

              @Override
              public void flushBuffer() {
                throw new AssertionError("given up before");
              }
            },
            Duration.ofNanos(100),
            () -> clock.getAndAdd(60));
    assertThatThrownBy(() -> tooSlow.send(new byte[20_000], 20_000))
        .hasMessageContaining("was not fetched within");
  }
}
