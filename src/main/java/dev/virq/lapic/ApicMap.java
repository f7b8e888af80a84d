package dev.virq.lapic;

import dev.virq.message.Message;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which vCPUs each destination addresses: a snapshot, so that most messages need no walk over all
 * vCPUs. Immutable.
 *
 * <p>It exists only while every physical id belongs to one vCPU. Logical destinations are in it
 * only while all enabled APICs agree on one model and every one owns one bit alone: behaviour.md
 * §9.
 */
final class ApicMap {
  private enum Logical {
    /** No enabled APIC has a logical destination. */
    NOBODY,
    FLAT,
    CLUSTER,
    /** All are in x2APIC mode. */
    WIDE,
    /** They do not agree: a walk is needed. */
    MIXED
  }

  private final @Nullable Vcpu[] physical;

  /** Flat: 8 bits. Cluster: 16 clusters of 4 bits each. */
  private final @Nullable Vcpu[] members = new Vcpu[64];

  private Logical logical = Logical.NOBODY;

  private final X2ApicApi api;

  private ApicMap(int ids, X2ApicApi api) {
    this.physical = new Vcpu[ids];
    this.api = api;
  }

  /**
   * The map of these vCPUs, in creation order; null when two of them share an id.
   *
   * @param wide whether ids have 32 bits
   */
  static @Nullable ApicMap of(Collection<Vcpu> vcpus, X2ApicApi api, boolean wide) {
    int ids = 256;
    for (Vcpu vcpu : vcpus) {
      if (vcpu.apic().base().enabled()) {
        ids = Math.max(ids, vcpu.number() + 1);
      }
    }
    ApicMap map = new ApicMap(ids, api);
    for (Vcpu vcpu : vcpus) {
      if (!vcpu.apic().base().enabled()) {
        continue;
      }
      if (!map.addPhysical(vcpu, wide)) {
        return null;
      }
      map.addLogical(vcpu);
    }
    return map;
  }

  private boolean addPhysical(Vcpu vcpu, boolean wide) {
    int id = vcpu.apic().physicalId();
    if (!wide) {
      if (physical[id] != null) {
        return false;
      }
      physical[id] = vcpu;
      return true;
    }
    // A vCPU whose number has no other form is found by it in xAPIC mode, too; and who shares an id
    // in that mode goes without.
    boolean extended = vcpu.apic().base().extended();
    if (extended || vcpu.number() > Message.BROADCAST) {
      physical[vcpu.number()] = vcpu;
    }
    if (!extended && physical[id] == null) {
      physical[id] = vcpu;
    }
    return true;
  }

  private void addLogical(Vcpu vcpu) {
    LocalApic apic = vcpu.apic();
    if (logical == Logical.MIXED || !apic.enabled() || apic.logicalDestination() == 0) {
      return;
    }
    Logical model =
        apic.base().extended() ? Logical.WIDE : apic.flat() ? Logical.FLAT : Logical.CLUSTER;
    if (logical != Logical.NOBODY && logical != model) {
      logical = Logical.MIXED;
      return;
    }
    logical = model;
    if (model == Logical.WIDE) {
      return;
    }
    int own = apic.logicalDestination() >>> 24;
    int mask = mask(own);
    if (mask == 0) {
      return;
    }
    int place = base(own) + Integer.numberOfTrailingZeros(mask);
    if (Integer.bitCount(mask) > 1 || members[place] != null) {
      logical = Logical.MIXED;
      return;
    }
    members[place] = vcpu;
  }

  /**
   * The vCPUs that get the message, or null when it takes a walk to find them.
   *
   * @param wide whether a vCPU in x2APIC mode sends it
   */
  @Nullable List<Vcpu> targets(Message message, boolean wide) {
    int destination = message.destination();
    if (message.shorthand() != Message.Shorthand.NONE || isBroadcast(destination, wide)) {
      return null;
    }
    if (!message.logical()) {
      boolean there = destination >= 0 && destination < physical.length;
      return there ? one(physical[destination]) : List.of();
    }
    if (logical == Logical.MIXED) {
      return null;
    }
    if (logical == Logical.NOBODY) {
      return List.of();
    }
    int mask = mask(destination);
    int base = base(destination);
    if (!message.toOne()) {
      return members(base, mask);
    }
    if (mask == 0) {
      return List.of();
    }
    // By vector, over the bits that the message names: a bit may belong to no vCPU.
    int bit = nth(mask, message.vector() % Integer.bitCount(mask));
    return one(table()[base + bit]);
  }

  private List<Vcpu> members(int base, int mask) {
    List<Vcpu> all = List.of();
    for (int bits = mask; bits != 0; bits &= bits - 1) {
      Vcpu member = table()[base + Integer.numberOfTrailingZeros(bits)];
      if (member != null) {
        all = all.isEmpty() ? List.of(member) : append(all, member);
      }
    }
    return all;
  }

  private static List<Vcpu> append(List<Vcpu> all, Vcpu one) {
    List<Vcpu> longer = new java.util.ArrayList<>(all);
    longer.add(one);
    return longer;
  }

  private static List<Vcpu> one(@Nullable Vcpu vcpu) {
    return vcpu == null ? List.of() : List.of(vcpu);
  }

  private boolean isBroadcast(int destination, boolean wide) {
    if (api.broadcastQuirk()) {
      return destination == (wide ? Message.WIDE_BROADCAST : Message.BROADCAST);
    }
    return destination == Message.WIDE_BROADCAST
        || (destination == Message.BROADCAST && logical != Logical.WIDE);
  }

  /** Who is at which place; in x2APIC mode that is the number. */
  private @Nullable Vcpu[] table() {
    return logical == Logical.WIDE ? physical : members;
  }

  private int mask(int destination) {
    return switch (logical) {
      case FLAT -> destination & 0xff;
      case WIDE -> {
        long left = physical.length - base(destination) * 1L;
        yield left <= 0 ? 0 : destination & 0xffff >> Math.max(0, 16 - left);
      }
      default -> destination & 0xf;
    };
  }

  private int base(int destination) {
    return switch (logical) {
      case FLAT -> 0;
      case WIDE -> (destination >>> 16) * 16;
      default -> (destination >> 4 & 0xf) * 4;
    };
  }

  /** The place of the n-th bit set, from 0. */
  private static int nth(int mask, int n) {
    int bits = mask;
    for (int i = 0; i < n; i++) {
      bits &= bits - 1;
    }
    return Integer.numberOfTrailingZeros(bits);
  }
}
