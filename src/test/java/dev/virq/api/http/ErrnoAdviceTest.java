package dev.virq.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockHttpServletRequest;

/** What a refusal says of whether the call may be sent again as it is. */
class ErrnoAdviceTest {
  private final ErrnoAdvice advice =
      new ErrnoAdvice(new Instance("1", "node", "epoch", 1_000, Duration.ofMinutes(1), true));

  private ResponseEntity<ErrnoProblem> answer(ErrnoException refusal) {
    return advice.refused(refusal, new MockHttpServletRequest("POST", "/v1/sandboxes/x/signals"));
  }

  /** Those that a call is put off with. */
  @ParameterizedTest
  @EnumSource(names = {"ENFILE", "ESHUTDOWN"})
  void onlyACallThatHasDoneNothingIsPutOff(Errno errno) {
    ErrnoException refusal = new ErrnoException(errno, "no room");

    ResponseEntity<ErrnoProblem> atOnce = answer(refusal.after(0));
    ResponseEntity<ErrnoProblem> later = answer(refusal.after(3));

    assertThat(atOnce.getHeaders().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("1");
    assertThat(later.getStatusCode()).isEqualTo(atOnce.getStatusCode());
    assertThat(later.getHeaders().getFirst(HttpHeaders.RETRY_AFTER)).isNull();
  }

  @Test
  void howMuchWasDoneIsAMemberOfTheProblem() {
    ErrnoProblem problem = answer(new ErrnoException(Errno.ENFILE, "no room").after(3)).getBody();

    assertThat(problem).isNotNull();
    assertThat(problem.facts()).containsEntry(ErrnoException.DONE, 3L);
    assertThat(problem.detail()).isEqualTo("no room");
  }
}
