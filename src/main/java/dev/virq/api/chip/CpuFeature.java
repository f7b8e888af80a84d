package dev.virq.api.chip;

import dev.virq.api.http.Params;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a CPUID table may have. */
enum CpuFeature {
  /** The timer of the local APIC can count to a deadline of the time-stamp counter. */
  TSC_DEADLINE,
  /** The local APIC has x2APIC mode. */
  X2APIC;

  /** Those that a request names at that place. */
  static Set<CpuFeature> of(String pointer, @Nullable List<@Nullable CpuFeature> features) {
    List<@Nullable CpuFeature> all = Params.required(pointer, features);
    Set<CpuFeature> set = EnumSet.noneOf(CpuFeature.class);
    for (int i = 0; i < all.size(); i++) {
      set.add(Params.required(pointer + "/" + i, all.get(i)));
    }
    return set;
  }
}
