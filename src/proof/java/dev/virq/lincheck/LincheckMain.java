package dev.virq.lincheck;

import dev.virq.protocol.Protocol;
import dev.virq.vm.Vm;
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

  /** Arguments: the program's class, and invocations. */
  public static void main(String[] args) throws ReflectiveOperationException {
    Runnable program =
        Class.forName(args[0]).asSubclass(Runnable.class).getDeclaredConstructor().newInstance();
    int invocations = Integer.parseInt(args[1]);
    if (program instanceof BindingProgram onBinding) {
      onBinding.prepare(invocations + 1);
      warmUp(onBinding);
    }
    try {
      Lincheck.runConcurrentTest(invocations, program);
    } catch (LincheckAssertionError found) {
      System.out.println(found.getMessage());
      System.exit(FOUND);
    }
    // A thread of Lincheck's own may be left.
    System.exit(0);
  }

  /**
   * Has the classes instrumented that a program uses, with a run for each half of them: Lincheck
   * gives up an invocation after 30 seconds, which on a busy machine are too short for all.
   */
  private static void warmUp(BindingProgram program) {
    Lincheck.runConcurrentTest(1, new Setup());
    try {
      Lincheck.runConcurrentTest(1, program);
    } catch (LincheckAssertionError again) {
      // A slow machine, or a broken program: the search that follows says so.
      System.out.println("the first run failed");
    }
  }

  /** No more than what a program begins with. */
  private static final class Setup implements Runnable {
    private final Vm vm = Binding.newVm();

    @Override
    public void run() {
      var _ = new Binding(vm, Protocol.SAFE);
    }
  }
}
