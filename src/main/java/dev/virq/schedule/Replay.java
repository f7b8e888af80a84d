package dev.virq.schedule;

/** Takes the choices that are given, and after them none that preempts. */
public final class Replay implements Strategy {
  private final int[] choices;

  // Both guarded by the turn.
  private int step;
  private boolean fits = true;

  /** The first that can go on, and that for as long as it can: a run without preemptions. */
  public static Strategy unpreempted() {
    return new Replay(new int[0]);
  }

  /** Replays a schedule's choices. */
  public Replay(int[] choices) {
    this.choices = choices.clone();
  }

  @Override
  public boolean begin(long run) {
    step = 0;
    fits = true;
    return true;
  }

  @Override
  public int choose(Moment moment) {
    int choice = step < choices.length ? choices[step] : 0;
    step++;
    if (choice >= moment.size()) {
      fits = false;
      return 0;
    }
    return choice;
  }

  @Override
  public boolean isSeeded() {
    return false;
  }

  /** Whether every choice was one that there was, and none is left: asked when the run is over. */
  public boolean fits() {
    return fits && step >= choices.length;
  }
}
