package dev.virq.lapic;

import dev.virq.message.DeliveryMode;
import dev.virq.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The local APICs of one VM and the way of a message to them.
 *
 * <p>A message goes by the map where there is one that knows the destination, and by a walk over
 * all vCPUs otherwise. The map is a snapshot: it is rebuilt at the moments named in the
 * behaviour.md §9, and a vCPU that is not in it yet is reached by broadcasts only.
 */
public final class ApicBus {
  /** What {@link #deliverByMap} answers when the message takes a walk. */
  public static final int TAKES_A_WALK = Integer.MIN_VALUE;

  /** Notified of every vCPU that accepts a vector. */
  @FunctionalInterface
  public interface Acceptance {
    /** Ignores the acceptance. */
    Acceptance UNTOLD = (vcpu, vector) -> {};

    /** The vCPU accepted the vector. */
    void accepted(Vcpu vcpu, int vector);
  }

  private final ArrayList<Vcpu> vcpus = new ArrayList<>();
  private final Map<Integer, Vcpu> byNumber = new TreeMap<>();
  private final LongSupplier clock;

  private final boolean split;
  private final X2ApicApi api = new X2ApicApi();
  private final ApicTimers timers;

  private @Nullable ApicMap map;

  /** How many vCPUs, in creation order, there were when the map was made. */
  private int mapped;

  /** Whether it was made with ids of 32 bits. */
  private boolean wideMap;

  /** Whether some vCPU has an INIT or start-up message to take. */
  private boolean eventsPending;

  /** Without vCPUs, and with a clock that stands. */
  public ApicBus() {
    this(() -> 0);
  }

  /**
   * Without vCPUs.
   *
   * @param clock nanoseconds, for the timers
   */
  public ApicBus(LongSupplier clock) {
    this(clock, false);
  }

  /**
   * Without vCPUs.
   *
   * @param clock nanoseconds, for the timers
   * @param split whether the I/O APIC is in user space
   */
  public ApicBus(LongSupplier clock, boolean split) {
    this.clock = clock;
    this.split = split;
    timers = new ApicTimers(clock, (vcpu, message) -> accept(vcpu, message, Acceptance.UNTOLD));
  }

  /** Their timers. */
  public ApicTimers timers() {
    return timers;
  }

  /**
   * Adds a vCPU. The map is rebuilt before it joins.
   *
   * @param number one that is free
   * @param boot whether it is the boot processor
   */
  public void create(int number, boolean boot) {
    rebuild();
    Vcpu vcpu = new Vcpu(number, new LocalApic(number, boot, clock, split, api));
    vcpus.add(vcpu);
    byNumber.put(number, vcpu);
  }

  /** Removes all vCPUs: their VM is destroyed. */
  public void clear() {
    vcpus.clear();
    vcpus.trimToSize();
    byNumber.clear();
    timers.clear();
    map = null;
  }

  /** In creation order. */
  public List<Vcpu> vcpus() {
    return vcpus;
  }

  /** The vCPU of that number, or null. */
  public @Nullable Vcpu find(long number) {
    return number == (int) number ? byNumber.get((int) number) : null;
  }

  /** Rebuilds the map; every vCPU has to compute what it forwards. */
  public void rebuild() {
    wideMap = api.wideIds();
    map = ApicMap.of(vcpus, api, wideMap);
    mapped = vcpus.size();
    makeStale();
  }

  /** Every vCPU has to compute what it forwards. */
  public void makeStale() {
    vcpus.forEach(Vcpu::makeStale);
  }

  /** As {@link #makeStale()}, for the vCPUs that a destination addresses. */
  public void makeStale(int destination, boolean logical) {
    ApicMap now = map;
    List<Vcpu> targets =
        now == null
            ? null
            : now.targets(Message.pin(destination, logical, DeliveryMode.FIXED, 0, false), false);
    if (targets != null) {
      targets.forEach(Vcpu::makeStale);
      return;
    }
    for (Vcpu vcpu : vcpus) {
      if (vcpu.apic().base().enabled() && vcpu.apic().matches(destination, logical)) {
        vcpu.makeStale();
      }
    }
  }

  /** Every vCPU takes its pending INIT and start-up messages. */
  public void takeEvents() {
    if (!eventsPending) {
      return;
    }
    eventsPending = false;
    boolean reset = false;
    for (Vcpu vcpu : vcpus) {
      reset |= vcpu.takeEvents();
    }
    if (reset) {
      rebuild();
    }
  }

  // ---- all of it

  /** All vCPUs, in creation order; what is left of a timer is left from that time on. */
  public List<VcpuState> whole(long now) {
    List<VcpuState> all = new ArrayList<>(vcpus.size());
    for (Vcpu vcpu : vcpus) {
      all.add(vcpu.whole(all.size() < mapped, now));
    }
    return List.copyOf(all);
  }

  /**
   * Whether the map was made with ids of 32 bits, as it still is when these are agreed to later.
   */
  public boolean wideMap() {
    return wideMap;
  }

  /**
   * The vCPUs, which are there, become what others were, and nothing follows from it.
   *
   * @param states one a vCPU, in creation order
   * @param wide as {@link #wideMap()} was
   */
  public void become(List<VcpuState> states, boolean wide, long now) {
    int known = 0;
    timers.clear();
    for (int place = 0; place < states.size(); place++) {
      vcpus.get(place).become(states.get(place), now);
      timers.note(vcpus.get(place));
      known += states.get(place).mapped() ? 1 : 0;
    }
    mapped = known;
    wideMap = wide;
    map = vcpus.isEmpty() ? null : ApicMap.of(vcpus.subList(0, known), api, wide);
  }

  // ---- identity

  /** What the VM's user has agreed to of x2APIC. */
  public X2ApicApi api() {
    return api;
  }

  /**
   * Sets what the vCPU's CPUID table has.
   *
   * @param deadline a timer that counts to a deadline
   * @param x2apic x2APIC mode
   */
  public void cpuid(Vcpu vcpu, boolean deadline, boolean x2apic) {
    vcpu.apic().timer().allow(LapicTimer.PERIODIC | (deadline ? LapicTimer.DEADLINE : 0));
    vcpu.apic().base().allow(x2apic);
  }

  /**
   * Sets the vCPU's APIC base.
   *
   * @param guest whether its guest does
   * @return why that is refused, and nothing happens; null when it is not
   */
  public @Nullable String rebase(Vcpu vcpu, long value, boolean guest) {
    ApicBase base = vcpu.apic().base();
    String refusal = base.refusal(value, guest);
    if (refusal == null && value != base.value()) {
      boolean otherMode = base.hasOtherMode(value);
      vcpu.apic().rebase(value);
      // Where the page is and which the boot processor is are not in the map.
      if (otherMode) {
        rebuild();
      }
    }
    return refusal;
  }

  // ---- messages

  /** Delivers a message without a particular sender. */
  public int deliver(Message message) {
    return deliver(message, null, Acceptance.UNTOLD);
  }

  /**
   * Delivers a message.
   *
   * @param source the vCPU that sends it, or null
   * @param acceptance notified of every vector accepted
   * @return how many accepted it; -1 when a walk found no vCPU that it addresses
   */
  public int deliver(Message message, @Nullable Vcpu source, Acceptance acceptance) {
    if (message.shorthand() == Message.Shorthand.SELF && source != null) {
      return accept(source, message, acceptance);
    }
    int answer = deliverByMap(message, isWide(source), acceptance);
    return answer == TAKES_A_WALK ? walk(message, source, acceptance) : answer;
  }

  /** Delivers a message if that takes no walk; else {@link #TAKES_A_WALK}, and nothing happened. */
  public int deliverByMap(Message message, Acceptance acceptance) {
    return deliverByMap(message, false, acceptance);
  }

  private static boolean isWide(@Nullable Vcpu source) {
    return source != null && source.apic().base().extended();
  }

  private int deliverByMap(Message message, boolean wide, Acceptance acceptance) {
    ApicMap now = map;
    List<Vcpu> targets = now == null ? null : now.targets(message, wide);
    if (targets == null) {
      return TAKES_A_WALK;
    }
    int accepted = 0;
    for (Vcpu target : targets) {
      accepted += accept(target, message, acceptance);
    }
    return accepted;
  }

  private int walk(Message asked, @Nullable Vcpu source, Acceptance acceptance) {
    Message message = asked;
    if (!asked.logical() && asked.destination() == Message.BROADCAST && asked.toOne()) {
      message = asked.asFixed();
    }
    int answer = -1;
    List<Vcpu> candidates = new ArrayList<>();
    for (Vcpu vcpu : vcpus) {
      if (!vcpu.apic().base().enabled() || !means(message, source, vcpu)) {
        continue;
      }
      if (!message.toOne()) {
        answer = Math.max(answer, 0) + accept(vcpu, message, acceptance);
      } else if (vcpu.apic().enabled()) {
        candidates.add(vcpu);
      }
    }
    if (!candidates.isEmpty()) {
      Vcpu chosen = candidates.get(message.vector() % candidates.size());
      answer = accept(chosen, message, acceptance);
    }
    return answer;
  }

  @SuppressWarnings("ReferenceEquality") // the sender itself
  private static boolean means(Message message, @Nullable Vcpu source, Vcpu vcpu) {
    return switch (message.shorthand()) {
      case NONE -> vcpu.apic().matches(message.destination(), message.logical(), source != null);
      case SELF -> vcpu == source;
      case ALL -> true;
      case OTHERS -> vcpu != source;
    };
  }

  private int accept(Vcpu vcpu, Message message, Acceptance acceptance) {
    if (!vcpu.accept(message)) {
      return 0;
    }
    switch (message.mode()) {
      case FIXED, LOWEST -> acceptance.accepted(vcpu, message.vector());
      case INIT, STARTUP -> eventsPending = true;
      default -> {}
    }
    return 1;
  }

  // ---- what the host and the guest do to one local APIC

  /** The local APIC at one moment. */
  public LapicState state(Vcpu vcpu) {
    return vcpu.apic().state();
  }

  /**
   * A host restore: the registers, the processor priority, the map.
   *
   * @return why it is refused, after which SVR is set, with the map if it changes who is enabled,
   *     and nothing else; null when it is not
   */
  public @Nullable String restore(Vcpu vcpu, LapicState state) {
    String refusal = vcpu.apic().refusal(state);
    if (refusal == null) {
      vcpu.apic().restore(state);
      timers.note(vcpu);
      rebuild();
    } else if (vcpu.apic().loadSpurious(state)) {
      rebuild();
    }
    return refusal;
  }

  /** Sets the vectors in service and nothing else; the caller restores the state afterwards. */
  public void putInService(Vcpu vcpu, List<Integer> vectors) {
    vcpu.apic().load(state(vcpu).withIsr(vectors));
  }

  /** Takes a deliverable vector into service; the caller restores the state afterwards. */
  public void take(Vcpu vcpu, int vector) {
    vcpu.apic().take(vector);
  }

  /**
   * A guest's store, except to the end-of-interrupt register.
   *
   * @param offset in the page of the local APIC
   */
  public void write(Vcpu vcpu, int offset, int value) {
    if (vcpu.apic().write(offset, value)) {
      rebuild();
    }
    timers.note(vcpu);
    if (offset == LocalApic.ICR_LOW) {
      int _ = deliver(vcpu.apic().command(), vcpu, Acceptance.UNTOLD);
    }
  }

  /**
   * A guest's load of some bytes. Where there is nothing to read, Linux leaves the buffer of the
   * vCPU's last load as it is.
   *
   * @param place in that buffer, from 0
   */
  public void read(Vcpu vcpu, int offset, int bytes, int place) {
    long read = vcpu.apic().read(offset, bytes);
    if (read != LocalApic.NOT_READABLE) {
      vcpu.loaded(place, bytes, read);
    }
  }

  /** A guest's load of a register in x2APIC mode, unsigned; null where it faults. */
  public @Nullable Long readX2Apic(Vcpu vcpu, long register) {
    return vcpu.apic().base().extended() ? X2Apic.read(vcpu.apic(), register) : null;
  }

  /**
   * A guest's store to a register in x2APIC mode; to the end of interrupt only if it is refused.
   *
   * @return why it faults, and nothing happens; null when it does not
   */
  public @Nullable String writeX2Apic(Vcpu vcpu, long register, long value) {
    String refusal =
        vcpu.apic().base().extended()
            ? X2Apic.refusal(register, value)
            : "is there in x2APIC mode only";
    if (refusal != null) {
      return refusal;
    }
    Message message = X2Apic.message(vcpu.apic(), register, value);
    if (message == null) {
      write(vcpu, X2Apic.offset(register), (int) value);
    } else {
      int _ = deliver(message, vcpu, Acceptance.UNTOLD);
    }
    return null;
  }

  /** Whether a store at that offset is the end of interrupt. */
  public static boolean isEnd(int offset) {
    return offset == LocalApic.EOI;
  }

  /**
   * Ends the highest vector in service.
   *
   * @return the vector if its end has to be reported to the I/O APIC; -1 otherwise
   */
  public Ended end(Vcpu vcpu) {
    int vector = vcpu.apic().end();
    return new Ended(vector, vector >= 0 && vcpu.forwards(vector));
  }

  /**
   * An end of interrupt.
   *
   * @param vector what was ended, or -1
   * @param forwarded whether its end has to be reported to the I/O APIC
   */
  public record Ended(int vector, boolean forwarded) {}
}
