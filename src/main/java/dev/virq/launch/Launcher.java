package dev.virq.launch;

/**
 * The jar's main class. The Java virtual machine that reads it may be an old one, which could read
 * nothing else in the jar: so it is compiled for Java 8, names no other class of virq, and hands
 * over to Spring Boot's launcher only where that can be loaded.
 */
public final class Launcher {
  private static final int NEEDED = 25;
  private static final String NEXT = "org.springframework.boot.loader.launch.JarLauncher";

  private Launcher() {}

  /** Hands over, or says in one sentence why not and exits with 1. */
  public static void main(String[] args) throws ReflectiveOperationException {
    String version = System.getProperty("java.specification.version");
    if (feature(version) < NEEDED) {
      System.err.println(refusal(version, System.getProperty("java.home")));
      System.exit(1);
    }
    Class.forName(NEXT).getMethod("main", String[].class).invoke(null, (Object) args);
  }

  /** What an older virtual machine is told. */
  static String refusal(String version, String home) {
    return "virq needs Java " + NEEDED + " or newer; this is Java " + version + " in " + home + ".";
  }

  /** The number of the release: 8 of 1.8, 17 of 17. */
  static int feature(String version) {
    String number = version.startsWith("1.") ? version.substring(2) : version;
    return Integer.parseInt(number);
  }
}
