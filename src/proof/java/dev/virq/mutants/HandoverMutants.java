package dev.virq.mutants;

import dev.virq.handover.Handover;
import dev.virq.limits.Budget;
import dev.virq.sandbox.Sandboxes;
import java.util.List;

/** Broken copies of what one process hands over to the next. */
final class HandoverMutants {
  private static final String GOES_ON =
      "handover.HandoverTest#nextProcessGoesOnWithTheSameSandboxes";

  private HandoverMutants() {}

  static List<Mutant> all() {
    return List.of(
        new Mutant(
            "W45",
            "who is killed goes on with what was there before",
            "handover.HandoverTest#startThatIsKilledOnceCallsMayComeBringsNothingBack",
            new Edit(Handover.class, "withdraw", "directory.withdraw(!refused.isEmpty());", "")),
        new Mutant(
            "W46",
            "what is refused is put aside before the start is over",
            "handover.HandoverTest#startThatFailsPutsNothingAside",
            new Edit(
                Handover.class,
                "take(Sandboxes)",
                "refused.add(name);",
                "directory.withdraw(true); directory.refuse(name); directory.putBack();")),
        new Mutant(
            "W47",
            "a sandbox that goes on is in another life",
            GOES_ON,
            new Edit(Sandboxes.class, "resume", "there.resume(uid);", "")),
        new Mutant(
            "W48",
            "a sandbox that ends is left",
            "handover.HandoverTest#sandboxThatEndsMeanwhileIsNotLeft",
            new Edit(
                Handover.class,
                "leave(String, Sandbox.Life, long, boolean)",
                "!life.sandbox().isClosed();",
                "true;")),
        new Mutant(
            "W49",
            "records take the room of what is restored",
            "limits.BudgetTest#whatIsRestoredHasTheRoomThatRecordsWouldTake",
            new Edit(Budget.class, "tryRecord", "!restoring &&", "")));
  }
}
