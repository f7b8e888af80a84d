package dev.virq.api.http;

/** The answer of a call that made something which has a path of its own. */
public interface Located {
  /**
   * The path of what was made.
   *
   * @param path that the call was sent to
   */
  String madeBy(String path);

  /** The path of something in the collection that the call was sent to. */
  static String within(String path, Object id) {
    return path + "/" + id;
  }
}
