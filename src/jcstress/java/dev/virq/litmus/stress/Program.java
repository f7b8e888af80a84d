package dev.virq.litmus.stress;

import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.SrcuDomain;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One state of a litmus program: a domain, and variables that start at 0. They are accessed in
 * opaque mode, or, with {@code -Dvirq.litmus.volatile=true}, in volatile mode.
 */
public abstract class Program {
  private static final boolean VOLATILE = Boolean.getBoolean("virq.litmus.volatile");
  private static final VarHandle X = handle("x");
  private static final VarHandle Y = handle("y");
  private static final VarHandle Z = handle("z");

  /** Larger than caches are. */
  private static final int[] FAR = new int[1 << 24];

  protected final SrcuDomain s = new SrcuDomain();

  // Accessed through the handles alone.
  @SuppressWarnings("unused")
  private int x;

  @SuppressWarnings("unused")
  private int y;

  @SuppressWarnings("unused")
  private int z;

  private static VarHandle handle(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(Program.class, name, int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  protected final int x() {
    return VOLATILE ? (int) X.getVolatile(this) : (int) X.getOpaque(this);
  }

  protected final int y() {
    return VOLATILE ? (int) Y.getVolatile(this) : (int) Y.getOpaque(this);
  }

  protected final int z() {
    return VOLATILE ? (int) Z.getVolatile(this) : (int) Z.getOpaque(this);
  }

  protected final void x(int value) {
    if (VOLATILE) {
      X.setVolatile(this, value);
    } else {
      X.setOpaque(this, value);
    }
  }

  protected final void y(int value) {
    if (VOLATILE) {
      Y.setVolatile(this, value);
    } else {
      Y.setOpaque(this, value);
    }
  }

  protected final void z(int value) {
    if (VOLATILE) {
      Z.setVolatile(this, value);
    } else {
      Z.setOpaque(this, value);
    }
  }

  protected final void gp() {
    GracePeriod _ = s.synchronize();
  }

  /** Stores to places that no cache has: what is stored after them stays unseen for a while. */
  protected static void fillStoreBuffer() {
    int place = ThreadLocalRandom.current().nextInt(FAR.length);
    for (int i = 0; i < 32; i++) {
      place = (place + 4_099 * 16) & (FAR.length - 1);
      FAR[place] = i;
    }
  }

  /** Gives the other actor a moment; how long is left to chance. */
  protected static void pause() {
    for (int i = ThreadLocalRandom.current().nextInt(64); i > 0; i--) {
      Thread.onSpinWait();
    }
  }
}
