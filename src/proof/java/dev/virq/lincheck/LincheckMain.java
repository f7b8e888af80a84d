package dev.virq.lincheck;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;

/**
 * Runs one program under Lincheck and exits with {@value #FOUND} when it found an interleaving that
 * goes wrong. A JVM of its own, so that a broken copy may stand in front on its class path: of
 * classes that another loader defines Lincheck does not see the threads.
 */
final class LincheckMain {
  /** The exit code for a finding; any other but 0 means that it could not run. */
  static final int FOUND = 3;

  private LincheckMain() {}

  /** Arguments: name of the program in {@link Scenarios}, and invocations. */
  public static void main(String[] args) throws ReflectiveOperationException {
    Runnable program =
        Class.forName(Scenarios.class.getName() + "$" + args[0])
            .asSubclass(Runnable.class)
            .getDeclaredConstructor()
            .newInstance();
    try {
      Lincheck.runConcurrentTest(Integer.parseInt(args[1]), program);
    } catch (LincheckAssertionError found) {
      System.out.println(found.getMessage());
      System.exit(FOUND);
    }
    // A thread of Lincheck's own may be left.
    System.exit(0);
  }
}
