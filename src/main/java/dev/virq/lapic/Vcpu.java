package dev.virq.lapic;

import dev.virq.message.Message;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A virtual processor as far as interrupts see it: its local APIC, whether it runs, pending NMIs,
 * and which ends of interrupt it forwards.
 *
 * <p>INIT and start-up messages are kept until the processor takes them ({@link #takeEvents}), as a
 * processor does between two instructions. Source: Intel SDM volume 3, "Multiple-Processor (MP)
 * Initialization"; behaviour.md §8.
 */
public final class Vcpu {
  /**
   * What KVM_GET_MP_STATE and KVM_GET_VCPU_EVENTS report.
   *
   * @param runState whether it runs
   * @param nmiPending NMIs not taken yet
   * @param nmiMasked whether it takes none
   */
  public record Events(RunState runState, int nmiPending, boolean nmiMasked) {}

  private final int number;
  private final LocalApic apic;
  private final Nmis nmis = new Nmis();
  private RunState runState = RunState.RUNNABLE;
  private boolean hasRun;

  /** Whether a kick has come since it was last set running; it need not have been halted then. */
  private boolean kicked;

  private boolean init;
  private boolean startup;

  /** What the last loads from memory that is emulated left, of 8 bytes. */
  private long lastLoad;

  /** Vectors whose end is reported to the I/O APIC, or to user space. */
  private final BitSet forwarded = new BitSet(256);

  /** Whether that set has to be computed before the guest runs again. */
  private boolean stale;

  /** The highest vector in that set that only an older entry sent here; -1 for none. */
  private int highestLeftOver = -1;

  /**
   * As created.
   *
   * @param boot whether it is the boot processor, which INIT does not park
   * @param clock nanoseconds, for the timer
   */
  Vcpu(int number, boolean boot, LongSupplier clock) {
    this(number, new LocalApic(number, boot, clock));
  }

  /** As created, with that local APIC. */
  Vcpu(int number, LocalApic apic) {
    this.number = number;
    this.apic = apic;
  }

  /** Its number, as KVM_CREATE_VCPU gave it. */
  public int number() {
    return number;
  }

  /** Its local APIC. */
  public LocalApic apic() {
    return apic;
  }

  /** What its last loads left in that many bytes, unsigned. */
  public long lastLoad(int bytes) {
    return lastLoad & ones(bytes);
  }

  /**
   * A load from memory that is emulated got this.
   *
   * @param place of the first byte, from 0
   * @param bytes how many
   */
  public void loaded(int place, int bytes, long value) {
    long mask = ones(bytes) << (8 * place);
    lastLoad = (lastLoad & ~mask) | ((value << (8 * place)) & mask);
  }

  private static long ones(int bytes) {
    return -1L >>> (64 - 8 * bytes);
  }

  /** It runs; its CPUID table is fixed from now on. */
  public void ran() {
    hasRun = true;
  }

  /** Whether it has run. */
  public boolean hasRun() {
    return hasRun;
  }

  /** How many NMIs can be pending. */
  public static int mostNmis(boolean masked) {
    return Nmis.most(masked);
  }

  /** Whether INIT has parked it. */
  public boolean parked() {
    return runState == RunState.PARKED;
  }

  /** Whether it runs, and what it waits for; one that was kicked does not say that it is halted. */
  public RunState runState() {
    return kicked && runState.halted() ? RunState.RUNNABLE : runState;
  }

  /** Whether it is halted, also when it was kicked. */
  public boolean halted() {
    return runState.halted();
  }

  /** The host's side: KVM_SET_MP_STATE. */
  public void setRunState(RunState state) {
    // Linux parks it and has the start-up message wait, which is taken before anybody can look.
    runState = state == RunState.SIPI_RECEIVED ? RunState.RUNNABLE : state;
    kicked &= runState != RunState.RUNNABLE;
  }

  /**
   * A halted vCPU is let run: it wakes if something is there to wake it.
   *
   * @param interrupted whether an interrupt is there, and interrupts are on
   */
  public void wake(boolean interrupted) {
    if (runState.halted() && (interrupted || kicked || nmis.wake())) {
      setRunState(RunState.RUNNABLE);
    }
  }

  /** Run state and NMIs. */
  public Events events() {
    return new Events(runState(), nmis.pending(), nmis.masked());
  }

  /**
   * A message for this processor.
   *
   * @return whether it was accepted
   */
  boolean accept(Message message) {
    return switch (message.mode()) {
      case FIXED, LOWEST ->
          (message.asserted() || !message.level())
              && apic.accept(message.vector(), message.level());
      case RESERVED -> {
        // Linux's guests kick one another by it.
        kicked = true;
        yield true;
      }
      case NMI -> {
        raiseNmi();
        yield true;
      }
      case INIT -> {
        boolean asserted = message.asserted() || !message.level();
        if (asserted) {
          init = true;
          startup = false;
        }
        yield asserted;
      }
      case STARTUP -> {
        startup = true;
        yield true;
      }
      case SMI, EXTINT -> false;
    };
  }

  /** An NMI that nobody sent as a message: KVM_NMI. */
  public void raiseNmi() {
    nmis.raise();
  }

  /** It runs, and takes the pending NMIs unless they are masked; how many it took. */
  public int takeNmis() {
    return nmis.take();
  }

  /**
   * The host's side: KVM_SET_VCPU_EVENTS. What is null stays.
   *
   * @param pending NMIs not taken yet; too many are fewer
   * @param masked whether it takes none
   */
  public void setNmis(@Nullable Integer pending, @Nullable Boolean masked) {
    nmis.set(pending, masked);
  }

  /**
   * Takes pending INIT and start-up messages, in that order.
   *
   * @return whether the local APIC was reset
   */
  boolean takeEvents() {
    boolean reset = init;
    if (init) {
      init = false;
      nmis.reset();
      apic.reset();
      setRunState(apic.base().boot() ? RunState.RUNNABLE : RunState.PARKED);
    }
    if (startup) {
      startup = false;
      // One for a processor that is not parked is lost.
      if (parked()) {
        setRunState(RunState.RUNNABLE);
      }
    }
    return reset;
  }

  // ---- all of it

  /**
   * All of it at one moment.
   *
   * @param mapped whether the map has it
   * @param now what is left of the timer is left from then on
   */
  VcpuState whole(boolean mapped, long now) {
    return new VcpuState(
        number,
        runState,
        kicked,
        nmis.pending(),
        nmis.masked(),
        nmis.news(),
        hasRun,
        mapped,
        new BigInteger(Long.toUnsignedString(lastLoad)),
        forwarded.stream().boxed().toList(),
        stale,
        highestLeftOver,
        apic.whole(now));
  }

  /** Becomes what another was, and nothing follows from it. */
  void become(VcpuState state, long now) {
    runState = state.runState();
    kicked = state.kicked();
    nmis.become(state);
    hasRun = state.hasRun();
    lastLoad = state.lastLoad().longValue();
    forwarded.clear();
    state.forwarded().forEach(forwarded::set);
    stale = state.stale();
    highestLeftOver = state.leftOver();
    apic.become(state.lapic(), now);
  }

  // ---- the forwarding filter

  /** The set of forwarded vectors has to be recomputed before the guest runs again. */
  public void makeStale() {
    stale = true;
  }

  /** Whether it has to be. */
  public boolean stale() {
    return stale;
  }

  /** Begins to compute the set. */
  public void clearForwarded() {
    stale = false;
    forwarded.clear();
    highestLeftOver = -1;
  }

  /** Adds a vector without a condition. */
  public void forward(int vector) {
    forwarded.set(vector);
  }

  /**
   * Adds the vector of an entry if its destination is this processor, or if the vector is owed here
   * by what the entry was before.
   */
  public void forward(int vector, int destination, boolean logical) {
    if (apic.matches(destination, logical)) {
      forwarded.set(vector);
    } else if (apic.owes(vector)) {
      forwarded.set(vector);
      highestLeftOver = Math.max(highestLeftOver, vector);
    }
  }

  /** Whether the end of the vector, which is ending now, has to be reported. */
  boolean forwards(int vector) {
    if (!forwarded.get(vector)) {
      return false;
    }
    if (vector == highestLeftOver) {
      stale = true;
    }
    return true;
  }
}
