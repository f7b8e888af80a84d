package dev.virq.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Whether this machine's kernel is one to compare with: KVM can be opened, and is the one that virq
 * follows. Other releases, and other settings, answer otherwise here and there; behaviour.md
 * describes this one.
 */
final class KvmAvailable {
  /** The release that was recorded. */
  private static final String RELEASE = "6.18.";

  /** {@code -Dvirq.live.kernel=any} compares with any kernel that has KVM. */
  private static final String PROPERTY = "virq.live.kernel";

  private static final Path HASHING = Path.of("/sys/module/kvm/parameters/vector_hashing");

  private KvmAvailable() {}

  /** Skips the calling test with the reason, unless the kernel is one to compare with. */
  static void assume() {
    Optional<String> why = whyNot();
    Assumptions.assumeTrue(why.isEmpty(), () -> "no comparison with the kernel: " + why.get());
  }

  /** Why it is not, or nothing. */
  static Optional<String> whyNot() {
    try {
      for (int needed : new int[] {Uapi.CAP_IRQFD_RESAMPLE, Uapi.CAP_SPLIT_IRQCHIP}) {
        int has = Kvm.capability(needed);
        if (has <= 0) {
          return Optional.of(
              has < 0
                  ? "/dev/kvm cannot be used, error " + -has
                  : "/dev/kvm lacks capability " + needed);
        }
      }
    } catch (LinkageError | RuntimeException e) {
      return Optional.of("the C library cannot be called: " + e);
    }
    return System.getProperty(PROPERTY, "").equals("any") ? Optional.empty() : whyOther();
  }

  private static Optional<String> whyOther() {
    String release = System.getProperty("os.version");
    if (!release.startsWith(RELEASE)) {
      return Optional.of("it is Linux " + release + ", and virq follows " + RELEASE + "x");
    }
    if (Kvm.capability(Uapi.CAP_SMM) > 0) {
      return Optional.of("it has system management mode, which the recorded kernel has not");
    }
    return read(HASHING).startsWith("N")
        ? Optional.of("it does not pick by vector for lowest priority")
        : Optional.empty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
