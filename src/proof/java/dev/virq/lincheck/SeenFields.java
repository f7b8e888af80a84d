package dev.virq.lincheck;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Lets Lincheck see what lambdas and records hold. It asks {@code sun.misc.Unsafe} where their
 * fields are, is refused, and takes what is reachable through them only for objects that no other
 * thread has: it does not switch threads where they are used. The engine's work items are lambdas.
 *
 * <p>So a JVM under Lincheck is given a copy of that class that does not ask whether a class is
 * hidden or a record; it is made from the class of the JDK that runs.
 */
final class SeenFields {
  private static final String MODULE = "jdk.unsupported";
  private static final String CLASS = "sun/misc/Unsafe.class";
  private static final Set<String> QUESTIONS = Set.of("isHidden", "isRecord");

  private SeenFields() {}

  /**
   * Writes the copy.
   *
   * @param directory where to
   * @return the arguments of a JVM that uses it
   */
  static List<String> arguments(Path directory) throws IOException {
    byte[] original;
    try (InputStream in =
        ModuleLayer.boot().findModule(MODULE).orElseThrow().getResourceAsStream(CLASS)) {
      original = in.readAllBytes();
    }
    ClassFile classes = ClassFile.of();
    byte[] copy =
        classes.transformClass(
            classes.parse(original),
            ClassTransform.transformingMethodBodies((code, element) -> {
              if (element instanceof InvokeInstruction call
                  && QUESTIONS.contains(call.name().stringValue())) {
                // The class that is asked goes from the stack, and the answer is no.
                code.pop().iconst_0();
              } else {
                code.with(element);
              }
            }));
    Path file = directory.resolve(CLASS);
    Path _ = Files.createDirectories(file.getParent());
    Path _ = Files.write(file, copy);
    return List.of("--patch-module", MODULE + "=" + directory);
  }
}
