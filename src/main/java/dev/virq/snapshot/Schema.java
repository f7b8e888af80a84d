package dev.virq.snapshot;

/**
 * The form of a snapshot. Another major has other members; a minor has more.
 *
 * @param major changes when an older program would misread the document
 * @param minor changes when members are added
 */
public record Schema(int major, int minor) {
  /** What this program writes. */
  public static final Schema CURRENT = new Schema(1, 0);

  /**
   * Refuses what this program cannot read.
   *
   * @param pointer where it stands in the document
   */
  public void check(String pointer) {
    if (major != CURRENT.major()) {
      throw new SnapshotFault(
          pointer + "/major",
          "a snapshot of version %d.%d cannot be read: this virq reads version %d only"
              .formatted(major, minor, CURRENT.major()));
    }
    if (minor < 0 || minor > CURRENT.minor()) {
      throw new SnapshotFault(
          pointer + "/minor",
          "a snapshot of version %d.%d cannot be read: this virq reads up to %d.%d"
              .formatted(major, minor, CURRENT.major(), CURRENT.minor()));
    }
  }
}
