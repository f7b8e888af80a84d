package dev.virq.lockorder;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Has the product's classes recorded from the moment they are loaded, in every run of tests: found
 * by the launcher as a service, and loaded into this JVM as an agent.
 */
public final class RecordingSession implements LauncherSessionListener {
  private static final String PLANTED = "dev/virq/planted/lockorder/";

  /**
   * Not recorded: tests drive the SRCU's own classes at full speed, and what is in their way there
   * hides races. Its monitors are private to it; waiting for a domain is recorded where others do.
   */
  private static final String SRCU = "dev/virq/srcu/";

  private static final URL TESTS =
      RecordingSession.class.getProtectionDomain().getCodeSource().getLocation();

  /** Whether locks are recorded; {@code -Dvirq.lockorder=off} is for measuring speed only. */
  public static boolean isOn() {
    return !System.getProperty("virq.lockorder", "").equals("off");
  }

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    // Maven opens one itself, to find the tests that it shares out to two processes.
    if (!isOn() || System.getProperty("classworlds.conf") != null) {
      return;
    }
    try {
      Path jar = Files.createTempFile("virq-lock-order", ".jar");
      try {
        try (OutputStream out = Files.newOutputStream(jar)) {
          new JarOutputStream(out, manifest()).close();
        }
        VirtualMachine me = VirtualMachine.attach(String.valueOf(ProcessHandle.current().pid()));
        try {
          me.loadAgent(jar.toString());
        } finally {
          me.detach();
        }
      } finally {
        Files.delete(jar);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException("the lock-order recorder cannot be loaded", e);
    }
  }

  private static Manifest manifest() {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Agent-Class", RecordingSession.class.getName());
    return manifest;
  }

  /** Called by the JVM when it loads the agent. */
  public static void agentmain(String arguments, Instrumentation jvm) {
    jvm.addTransformer(new Recorder());
  }

  private static final class Recorder implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader, String name, Class<?> before, ProtectionDomain from, byte[] bytes) {
      if (name == null || !name.startsWith("dev/virq/") || !isRecorded(name, from)) {
        return null;
      }
      try {
        return Recording.of(bytes);
      } catch (RuntimeException | Error e) {
        // Thrown on, it would be swallowed, and the class would not be recorded.
        e.printStackTrace();
        Runtime.getRuntime().halt(1);
        return null;
      }
    }

    private static boolean isRecorded(String name, ProtectionDomain from) {
      if (name.startsWith(PLANTED)) {
        return true;
      }
      return !name.startsWith(SRCU)
          && from != null
          && from.getCodeSource() != null
          && !String.valueOf(from.getCodeSource().getLocation()).equals(TESTS.toString());
    }
  }
}
