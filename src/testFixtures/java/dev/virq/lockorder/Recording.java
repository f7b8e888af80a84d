package dev.virq.lockorder;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.Set;

/** Makes a class tell {@link LockOrder} what it takes and waits for. */
final class Recording implements ClassTransform {
  private static final ClassDesc RECORDER = ClassDesc.of("dev.virq.lockorder.LockOrder");
  private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(CD_void);
  private static final MethodTypeDesc OBJECT = MethodTypeDesc.of(CD_void, CD_Object);
  private static final MethodTypeDesc TRIED = MethodTypeDesc.of(CD_void, CD_Object, CD_boolean);
  private static final MethodTypeDesc MADE = MethodTypeDesc.of(CD_void, CD_Object, CD_String);

  private static final String SRCU = "dev/virq/srcu/";
  private static final String DOMAIN = SRCU + "SrcuDomain";
  private static final String WORK = "dev/virq/workqueue/Work";
  private static final String LOCK = "java/util/concurrent/locks/ReentrantLock";

  /** What is known by who made it. */
  private static final Set<String> NAMED = Set.of(DOMAIN, WORK, LOCK);

  /** What must not be called by method reference, for it would not be seen. */
  private static final Set<String> HIDDEN =
      Set.of("wait", "await", "awaitNanos", "park", "parkNanos", "lock", "unlock", "tryLock");

  private final String type;

  private Recording(ClassModel model) {
    type = model.thisClass().asInternalName();
  }

  /** The class with the calls put in. */
  static byte[] of(byte[] bytes) {
    // From the files: who asks the loader for a class that is just being loaded has it twice.
    ClassFile file =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(Recording.class.getClassLoader())
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    ClassModel model = file.parse(bytes);
    return file.transformClass(model, new Recording(model));
  }

  @Override
  public void accept(ClassBuilder builder, ClassElement element) {
    if (element instanceof MethodModel method && method.code().isPresent()) {
      builder.transformMethod(method, MethodTransform.transformingCode(code(method)));
    } else {
      builder.with(element);
    }
  }

  private CodeTransform code(MethodModel method) {
    CodeTransform calls = this::instruction;
    if (method.flags().has(AccessFlag.SYNCHRONIZED)) {
      boolean isStatic = method.flags().has(AccessFlag.STATIC);
      return calls.andThen(new Around("acquire", "release", isStatic));
    }
    if (type.equals(WORK) && method.methodName().equalsString("run")) {
      return calls.andThen(new Around("run", "ran", false));
    }
    return calls;
  }

  private void instruction(CodeBuilder code, CodeElement element) {
    switch (element) {
      case MonitorInstruction monitor -> {
        code.dup();
        tell(code, monitor.opcode() == Opcode.MONITORENTER ? "acquire" : "release");
        code.with(monitor);
      }
      case InvokeInstruction call -> {
        before(code, call);
        if (tries(call)) {
          // The lock, and a copy for the call; then the answer, above a copy that it keeps.
          code.dup().with(call).dup_x1().invokestatic(RECORDER, "tried", TRIED);
          return;
        }
        code.with(call);
        String owner = call.owner().asInternalName();
        if (call.name().equalsString("<init>") && NAMED.contains(owner) && !type.equals(owner)) {
          code.dup().loadConstant(type.substring(type.lastIndexOf('/') + 1));
          code.invokestatic(RECORDER, "made", MADE);
        }
      }
      case InvokeDynamicInstruction reference -> {
        refuseHidden(reference);
        code.with(element);
      }
      default -> code.with(element);
    }
  }

  /** A wait or lock by method reference would be called from a class that is not recorded. */
  private void refuseHidden(InvokeDynamicInstruction reference) {
    for (ConstantDesc argument : reference.bootstrapArgs()) {
      if (argument instanceof DirectMethodHandleDesc method
          && HIDDEN.contains(method.methodName())
          && method.owner().packageName().startsWith("java.")) {
        throw new UnsupportedOperationException(
            type + " refers to " + method.methodName() + " by a method reference: use a lambda");
      }
    }
  }

  private boolean tries(InvokeInstruction call) {
    if (!call.owner().asInternalName().equals(LOCK) || !call.name().equalsString("tryLock")) {
      return false;
    }
    if (call.typeSymbol().parameterCount() > 0) {
      throw new UnsupportedOperationException(type + " calls tryLock with a timeout");
    }
    return true;
  }

  private void before(CodeBuilder code, InvokeInstruction call) {
    String name = call.name().stringValue();
    int arguments = call.typeSymbol().parameterCount();
    switch (call.owner().asInternalName()) {
      case LOCK -> {
        switch (name) {
          case "lock" -> receiver(code, "acquire", arguments);
          case "unlock" -> receiver(code, "release", arguments);
          case "lockInterruptibly" ->
              throw new UnsupportedOperationException(type + " calls " + name);
          default -> {}
        }
      }
      case DOMAIN -> {
        if (type.startsWith(SRCU)) {
          return;
        }
        switch (name) {
          case "readLock" -> receiver(code, "enter", arguments);
          case "readUnlock" -> receiver(code, "leave", arguments);
          case "synchronize", "synchronizeExpedited", "barrier" ->
              receiver(code, "synchronize", arguments);
          default -> {}
        }
      }
      case WORK -> {
        // Its own calls of itself are not told again.
        if (name.equals("flush") && !type.equals(WORK)) {
          receiver(code, "flush", arguments);
        }
      }
      case "java/util/concurrent/CountDownLatch", "java/util/concurrent/locks/LockSupport" -> {
        if (name.equals("await") || name.startsWith("park")) {
          code.invokestatic(RECORDER, "sleep", NOTHING);
        }
      }
      case "java/util/concurrent/locks/Condition" -> {
        if (name.startsWith("await")) {
          code.invokestatic(RECORDER, "sleepOnCondition", NOTHING);
        }
      }
      default -> {
        if (name.equals("wait") && call.owner().asInternalName().equals("java/lang/Object")) {
          if (arguments == 0) {
            receiver(code, "sleepOnMonitor", 0);
          } else {
            // The monitor lies under a long: bring it up, and put a copy back.
            code.dup2_x1().pop2().dup_x2();
            tell(code, "sleepOnMonitor");
          }
        }
      }
    }
  }

  /** Tells of the object that a call with this many one-word arguments is made on. */
  private static void receiver(CodeBuilder code, String method, int arguments) {
    switch (arguments) {
      case 0 -> {
        code.dup();
        tell(code, method);
      }
      case 1 -> {
        code.dup2().pop();
        tell(code, method);
      }
      case 2 -> {
        // It lies under both: bring it up, and put a copy back.
        code.dup2_x1().pop2().dup();
        tell(code, method);
        code.dup_x2().pop();
      }
      default -> throw new UnsupportedOperationException(method + " of " + arguments);
    }
  }

  private static void tell(CodeBuilder code, String method) {
    code.invokestatic(RECORDER, method, OBJECT);
  }

  /** Tells when a method begins and when it ends, in whichever way. */
  private final class Around implements CodeTransform {
    private final String begin;
    private final String end;
    private final boolean isStatic;
    private Label from;

    Around(String begin, String end, boolean isStatic) {
      this.begin = begin;
      this.end = end;
      this.isStatic = isStatic;
    }

    @Override
    public void atStart(CodeBuilder code) {
      tellOfOwner(code, begin);
      from = code.newBoundLabel();
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (element instanceof ReturnInstruction) {
        tellOfOwner(code, end);
      }
      code.with(element);
    }

    @Override
    public void atEnd(CodeBuilder code) {
      Label to = code.newBoundLabel();
      Label handler = code.newBoundLabel();
      tellOfOwner(code, end);
      code.athrow();
      code.exceptionCatchAll(from, to, handler);
    }

    private void tellOfOwner(CodeBuilder code, String method) {
      if (isStatic) {
        code.loadConstant(ClassDesc.ofInternalName(type));
      } else {
        code.aload(0);
      }
      tell(code, method);
    }
  }
}
