package dev.virq.training;

/** A call of a training run was not answered as it should have been. */
public final class TrainingFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a sentence for whoever started the run. */
  TrainingFailure(String sentence) {
    super(sentence);
  }
}
