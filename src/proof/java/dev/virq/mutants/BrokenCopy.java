package dev.virq.mutants;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * All of {@code dev.virq}, product and tests, loaded once more with some classes changed: what a
 * test of the copy touches is the copy. Only the recordings are not.
 */
final class BrokenCopy extends ClassLoader {
  private static final String HOUSE = "dev.virq.";

  /** What the product answered to, which is read once for all copies; it knows no product. */
  private static final String RECORDINGS = HOUSE + "conformance.Recording";

  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  /**
   * Kept, so that the class path's jars are read once; a thread's own, for it can bear one only.
   */
  private static final ThreadLocal<JavaFileManager> FILES =
      ThreadLocal.withInitial(() -> JAVAC.getStandardFileManager(null, null, null));

  static {
    registerAsParallelCapable();
  }

  private final Map<String, byte[]> changed;

  private BrokenCopy(Map<String, byte[]> changed) {
    super(BrokenCopy.class.getClassLoader());
    this.changed = changed;
  }

  /** A copy with the edits applied to the source and compiled; none for a faithful copy. */
  static BrokenCopy of(List<Edit> edits) {
    return new BrokenCopy(edits.isEmpty() ? Map.of() : compile(SourceFile.edited(edits)));
  }

  /** The classes that differ from the product's, by name. */
  Map<String, byte[]> changed() {
    return Map.copyOf(changed);
  }

  /**
   * Runs one test method of the copy; where the class or the method takes a number of workers, with
   * one. A directory that the class asks for is empty, and deleted afterwards.
   *
   * @param test class below {@code dev.virq} and method, such as {@code irqfd.FooTest#bar}
   * @throws Throwable what the test threw
   */
  @SuppressWarnings("IllegalThrows") // a test may throw anything
  void run(String test) throws Throwable {
    int hash = test.indexOf('#');
    String name = test.substring(hash + 1);
    Class<?> type = loadClass(HOUSE + test.substring(0, hash));
    Constructor<?> constructor = type.getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    Method method =
        Arrays.stream(type.getDeclaredMethods())
            .filter(one -> one.getName().equals(name))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodError(test));
    method.setAccessible(true);
    Path directory = null;
    try {
      Object instance = constructor.newInstance(workers(constructor.getParameterCount()));
      for (Field field : type.getDeclaredFields()) {
        if (field.isAnnotationPresent(TempDir.class)) {
          directory = Files.createTempDirectory("virq-copy");
          field.setAccessible(true);
          field.set(instance, directory);
        }
      }
      method.invoke(instance, workers(method.getParameterCount()));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      boolean _ = FileSystemUtils.deleteRecursively(directory);
    }
  }

  private static Object[] workers(int parameters) {
    return Stream.generate(() -> 1).limit(parameters).toArray();
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(HOUSE) || name.startsWith(RECORDINGS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = changed.get(name);
    if (bytes == null) {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        bytes = in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
    return defineClass(name, bytes, 0, bytes.length, domain(name));
  }

  /** Where the original is from: tools that look at the product do not look at its tests. */
  private static ProtectionDomain domain(String name) throws ClassNotFoundException {
    return Class.forName(name, false, BrokenCopy.class.getClassLoader()).getProtectionDomain();
  }

  private static Map<String, byte[]> compile(List<SourceFile> sources) {
    Output output = new Output();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none",
            "-nowarn",
            "-implicit:none",
            "-classpath",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    if (!JAVAC.getTask(messages, output, null, options, null, sources).call()) {
      throw new AssertionError("the broken copy does not compile: " + messages);
    }
    Map<String, byte[]> classes = new HashMap<>();
    output.classes.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
    return classes;
  }

  private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
    final Map<String, ByteArrayOutputStream> classes = new HashMap<>();

    Output() {
      super(FILES.get());
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(
          URI.create("mem:///" + name.replace('.', '/') + kind.extension), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          classes.put(name, bytes);
          return bytes;
        }
      };
    }
  }
}
