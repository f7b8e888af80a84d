package dev.virq.models;

import java.util.ArrayList;
import java.util.List;

/**
 * One model of {@code src/proof/models} with its flags, and the verdict it must come to.
 *
 * @param name what it stands for, for example {@code M1} or {@code S×H×V}
 * @param model file name without its ending
 * @param flags as given to {@code spin -a}
 * @param violation what the checker must complain of; empty when it must find nothing
 */
public record SpinModel(String name, String model, List<String> flags, String violation) {
  private static final String FREED = "freed";
  private static final String HANG = "invalid end state";

  /** All of them. */
  public static List<SpinModel> all() {
    List<SpinModel> all = new ArrayList<>();
    algorithm(all);
    handshakes(all);
    litmus(all);
    lifeCycle(all);
    lifeCycleMutants(all);
    return all;
  }

  private static void algorithm(List<SpinModel> all) {
    all.add(right("srcu", "srcu", ""));
    all.add(right("K6", "srcu", "-DTWO_UPDATERS"));
    all.add(wrong("M1", "srcu", "-DM1", FREED));
    all.add(wrong("M2", "srcu", "-DM2", FREED));
    all.add(wrong("M4", "srcu", "-DM4", FREED));
    all.add(wrong("M5", "srcu", "-DM5", "ends<=begins"));
    all.add(wrong("M6", "srcu", "-DM6", FREED));
    all.add(wrong("M7", "srcu", "-DM7", FREED));
    all.add(wrong("M8", "srcu", "-DM8", FREED));
    all.add(wrong("M9", "srcu", "-DM9", "ends<=begins"));
    all.add(wrong("M13", "srcu", "-DM13", FREED));
    all.add(wrong("M27", "srcu", "-DM27", "==(ended["));
    // Safe by the theorem: what they break is progress or the sequence, not the guarantee.
    all.add(right("M3 is safe", "srcu", "-DM3"));
    all.add(right("M12 is safe", "srcu", "-DM12"));
    all.add(right("M14 is safe", "srcu", "-DM14"));
    all.add(right("no barrier E is safe", "srcu", "-DM15E"));
  }

  private static void handshakes(List<SpinModel> all) {
    all.add(right("wait", "srcu_wait", ""));
    all.add(right("wait interrupted", "srcu_wait", "-DINTERRUPT"));
    all.add(wrong("M19", "srcu_wait", "-DM19", HANG));
    all.add(wrong("M19 without fence", "srcu_wait", "-DM19_FENCE", HANG));
    all.add(wrong("M19 in the reader", "srcu_wait", "-DM19_READER", HANG));
    all.add(wrong("M20", "srcu_wait", "-DM20", "open==0"));
    all.add(right("growth", "srcu_growth", ""));
    all.add(wrong("M21", "srcu_growth", "-DM21", FREED));
    all.add(wrong("M21 by order", "srcu_growth", "-DM21_ORDER", FREED));
    all.add(right("sequence", "srcu_sequence", ""));
    all.add(right("sequence polled", "srcu_sequence", "-DPOLL"));
    all.add(wrong("M15", "srcu_sequence", "-DM15 -DPOLL", FREED));
    all.add(wrong("M16", "srcu_sequence", "-DM16", FREED));
    all.add(wrong("M18", "srcu_sequence", "-DM18", FREED));
  }

  private static void litmus(List<SpinModel> all) {
    all.add(right("L33", "litmus", "-DTHREADS=4 -DDOMAINS=2 -DADJACENT -DSB"));
    all.add(wrong("L34", "litmus", "-DTHREADS=4 -DDOMAINS=2 -DSB", "sum!=0"));
    all.add(right("L35 42-A", "litmus", "-DTHREADS=4 -DDOMAINS=2 -DADJACENT -DLB"));
    all.add(right("L35 one domain", "litmus", "-DTHREADS=4 -DDOMAINS=1 -DADJACENT -DLB"));
    all.add(right("L35 63-A", "litmus", "-DTHREADS=6 -DDOMAINS=3 -DADJACENT -DLB"));
    all.add(wrong("L35 63", "litmus", "-DTHREADS=6 -DDOMAINS=3 -DLB", "sum!=6"));
    all.add(right("L35 82-A", "litmus", "-DTHREADS=8 -DDOMAINS=2 -DADJACENT -DLB"));
    // The controls: what is forbidden above is reached when grace periods wait for nobody.
    all.add(wrong("L33 M2", "litmus", "-DM2 -DTHREADS=4 -DDOMAINS=2 -DADJACENT -DSB", "sum!=0"));
    all.add(
        wrong("L35 42-A M2", "litmus", "-DM2 -DTHREADS=4 -DDOMAINS=2 -DADJACENT -DLB", "sum!=4"));
    all.add(
        wrong("L35 63-A M2", "litmus", "-DM2 -DTHREADS=6 -DDOMAINS=3 -DADJACENT -DLB", "sum!=6"));
  }

  private static void lifeCycle(List<SpinModel> all) {
    all.add(right("S×H×V", "irqfd", "-DSIGNALS=2 -DHANGUP -DRELEASE"));
    all.add(right("J×H×V", "irqfd", "-DQUEUED -DHANGUP -DRELEASE"));
    all.add(right("A×H×V", "irqfd", "-DASSIGN -DHANGUP -DRELEASE"));
    all.add(right("A×V×P", "irqfd", "-DASSIGN -DRELEASE -DHOLDER -DNO_VM_FILE"));
    all.add(right("J×V×P", "irqfd", "-DQUEUED -DRELEASE -DHOLDER"));
    all.add(right("H×V×H", "irqfd", "-DOTHER -DHANGUP -DRELEASE"));
    all.add(right("H×H×V×V", "irqfd", "-DTWICE -DHANGUP -DRELEASE"));
    all.add(right("A×S×H", "irqfd", "-DASSIGN -DSIGNALS=1 -DHANGUP"));
  }

  private static void lifeCycleMutants(List<SpinModel> all) {
    all.add(wrong("W1", "irqfd", "-DW1 -DQUEUED -DHANGUP -DRELEASE", "clean"));
    all.add(wrong("W2", "irqfd", "-DW2 -DQUEUED -DRELEASE", "using"));
    all.add(wrong("W4", "irqfd", "-DW4 -DQUEUED -DHANGUP", "work"));
    all.add(wrong("W5", "irqfd", "-DW5 -DQUEUED -DRELEASE", "unfinished==0"));
    all.add(wrong("W6", "irqfd", "-DW6 -DSIGNALS=2", "lastWrite"));
    all.add(wrong("W7", "irqfd", "-DW7 -DASSIGN", "lastWrite"));
    all.add(wrong("W9", "irqfd", "-DW9 -DASSIGN -DHANGUP -DRELEASE", "vmRefs>0"));
    all.add(wrong("W10", "irqfd", "-DW10 -DASSIGN -DRELEASE -DNO_VM_FILE", "vmRefs==0"));
    all.add(wrong("W11", "irqfd", "-DW11 -DASSIGN -DRELEASE -DHOLDER", "destroyed"));
    all.add(wrong("W13", "irqfd", "-DW13 -DQUEUED -DHANGUP -DRELEASE", "clean"));
    all.add(wrong("W14", "irqfd", "-DW14 -DASSIGN -DHANGUP", "count==0"));
    all.add(wrong("W18", "irqfd", "-DW18 -DQUEUED -DHANGUP", "work"));
    all.add(wrong("W19", "irqfd", "-DW19 -DQUEUED -DHANGUP -DRELEASE", "queued=="));
    all.add(wrong("W23", "irqfd", "-DW23 -DTWICE -DHANGUP", "clean"));
  }

  private static SpinModel right(String name, String model, String flags) {
    return new SpinModel(name, model, words(flags), "");
  }

  private static SpinModel wrong(String name, String model, String flags, String violation) {
    return new SpinModel(name, model, words(flags), violation);
  }

  private static List<String> words(String flags) {
    return flags.isEmpty() ? List.of() : List.of(flags.split(" ", -1));
  }
}
