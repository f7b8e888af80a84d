package dev.virq.lapic;

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
    /** They do not agree: a walk is needed. */
    MIXED
  }

  private final @Nullable Vcpu[] physical = new Vcpu[256];

  /** Flat: 8 bits. Cluster: 16 clusters of 4 bits each. */
  private final @Nullable Vcpu[] members = new Vcpu[64];

  private Logical logical = Logical.NOBODY;

  private ApicMap() {}

  /** The map of these vCPUs, in creation order; null when two of them share an id. */
  static @Nullable ApicMap of(Collection<Vcpu> vcpus) {
    ApicMap map = new ApicMap();
    for (Vcpu vcpu : vcpus) {
      int id = vcpu.apic().physicalId();
      if (map.physical[id] != null) {
        return null;
      }
      map.physical[id] = vcpu;
      map.addLogical(vcpu);
    }
    return map;
  }

  private void addLogical(Vcpu vcpu) {
    LocalApic apic = vcpu.apic();
    if (logical == Logical.MIXED || !apic.enabled() || apic.logicalDestination() == 0) {
      return;
    }
    Logical model = apic.flat() ? Logical.FLAT : Logical.CLUSTER;
    if (logical != Logical.NOBODY && logical != model) {
      logical = Logical.MIXED;
      return;
    }
    logical = model;
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

  /** The vCPUs that get the message, or null when it takes a walk to find them. */
  @Nullable List<Vcpu> targets(Message message) {
    if (message.shorthand() != Message.Shorthand.NONE
        || message.destination() == Message.BROADCAST) {
      return null;
    }
    if (!message.logical()) {
      return one(physical[message.destination()]);
    }
    if (logical == Logical.MIXED) {
      return null;
    }
    if (logical == Logical.NOBODY) {
      return List.of();
    }
    int mask = mask(message.destination());
    int base = base(message.destination());
    if (!message.toOne()) {
      return members(base, mask);
    }
    if (mask == 0) {
      return List.of();
    }
    // By vector, over the bits that the message names: a bit may belong to no vCPU.
    int bit = nth(mask, message.vector() % Integer.bitCount(mask));
    return one(members[base + bit]);
  }

  private List<Vcpu> members(int base, int mask) {
    List<Vcpu> all = List.of();
    for (int bits = mask; bits != 0; bits &= bits - 1) {
      Vcpu member = members[base + Integer.numberOfTrailingZeros(bits)];
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

  private int mask(int destination) {
    return logical == Logical.FLAT ? destination : destination & 0xf;
  }

  private int base(int destination) {
    return logical == Logical.FLAT ? 0 : (destination >> 4) * 4;
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
