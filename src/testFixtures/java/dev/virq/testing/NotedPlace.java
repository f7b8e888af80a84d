package dev.virq.testing;

import dev.virq.sync.Sleep;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what the thread that has it does with its place, by the names of the methods. */
public final class NotedPlace implements Sleep.Place {
  private final List<String> notes = new CopyOnWriteArrayList<>();

  /** Everything so far, in order. */
  public List<String> notes() {
    return Collections.unmodifiableList(notes);
  }

  @Override
  public void leave() {
    notes.add("leave");
  }

  @Override
  public void rejoin() {
    notes.add("rejoin");
  }

  @Override
  public void await() {
    notes.add("await");
  }

  @Override
  public void pass() {
    notes.add("pass");
  }
}
