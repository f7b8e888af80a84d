package dev.virq.snapshot;

import dev.virq.errno.ErrnoException;
import dev.virq.host.EventfdFile;
import dev.virq.irqchip.IrqChip;
import dev.virq.lapic.X2ApicApi;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import dev.virq.vm.VmState;
import dev.virq.vm.VmVcpus;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a document is one that a host can have been. Nothing is made of one that is not. One
 * thread, one document.
 */
public final class SnapshotCheck {
  private static final int MAX_NAME = 128;
  private static final int FIRST_FD = 3;

  /** Numbers and clocks go no further, so that there is room to count on. */
  private static final long MOST = 1L << 62;

  private static final BigInteger TWO_TO_64 = BigInteger.TWO.pow(Long.SIZE);

  private final Snapshot snapshot;
  private final Set<Integer> fds = new HashSet<>();

  private SnapshotCheck(Snapshot snapshot) {
    this.snapshot = snapshot;
  }

  /**
   * Refuses what no host can have been.
   *
   * @throws SnapshotFault the first fault
   */
  public static void check(Snapshot snapshot) {
    new SnapshotCheck(snapshot).check();
  }

  private void check() {
    Place root = Place.ROOT;
    snapshot.schema().check("/schema");
    text(root.at("virq"), snapshot.virq());
    root.at("clock").at("nanos").between(snapshot.clock().nanos(), 0, MOST);
    Snapshot.Next next = snapshot.next();
    Place numbers = root.at("next");
    numbers.at("vm").between(next.vm(), 1, MOST);
    numbers.at("eventfd").between(next.eventfd(), 1, MOST);
    numbers.at("irqfd").between(next.irqfd(), 1, MOST);
    numbers.at("signal").between(next.signal(), 1, MOST);
    numbers.at("breakpoint").between(next.breakpoint(), 1, MOST);
    eventfds(root.at("eventfds"));
    pipes(root.at("pipes"));
    irqfds(root.at("irqfds"));
    vms(root.at("vms"));
    freed(root.at("freedIrqfds"));
    released(root.at("releasedVms"));
  }

  // ---- descriptors

  private void eventfds(Place place) {
    numbered(
        place,
        snapshot.eventfds().stream().map(EventfdFile.Whole::number).toList(),
        snapshot.next().eventfd());
    for (int i = 0; i < snapshot.eventfds().size(); i++) {
      EventfdFile.Whole eventfd = snapshot.eventfds().get(i);
      Place one = place.at(i);
      name(one.at("name"), eventfd.name());
      descriptors(one.at("fds"), eventfd.fds());
      ChipCheck.unsigned(one.at("counter"), eventfd.counter());
      ChipCheck.unsigned(one.at("written"), eventfd.written());
      ChipCheck.unsigned(one.at("drained"), eventfd.drained());
      ChipCheck.unsigned(one.at("read"), eventfd.read());
      BigInteger initial =
          eventfd
              .counter()
              .add(eventfd.drained())
              .add(eventfd.read())
              .subtract(eventfd.written())
              .mod(TWO_TO_64);
      if (initial.bitLength() > Integer.SIZE) {
        throw one.at("counter")
            .fault("%s is not what was written, drained and read".formatted(eventfd.counter()));
      }
    }
  }

  private void pipes(Place place) {
    int before = FIRST_FD - 1;
    for (int i = 0; i < snapshot.pipes().size(); i++) {
      List<Integer> numbers = snapshot.pipes().get(i).fds();
      Place one = place.at(i).at("fds");
      descriptors(one, numbers);
      one.at(0).between(numbers.getFirst(), before + 1L, Integer.MAX_VALUE - 1L);
      before = numbers.getFirst();
    }
  }

  private void descriptors(Place place, List<Integer> numbers) {
    if (numbers.isEmpty()) {
      throw place.fault("is empty: what has no descriptor is closed");
    }
    place.ascending(numbers, FIRST_FD, Integer.MAX_VALUE - 1L);
    for (int i = 0; i < numbers.size(); i++) {
      if (!fds.add(numbers.get(i))) {
        throw place.at(i).fault("descriptor " + numbers.get(i) + " is there twice");
      }
    }
  }

  // ---- VMs

  private void vms(Place place) {
    numbered(place, snapshot.vms().stream().map(VmEntry::number).toList(), snapshot.next().vm());
    Map<Long, Integer> bound = new HashMap<>();
    snapshot.irqfds().forEach(irqfd -> bound.merge(irqfd.vm(), 1, Integer::sum));
    for (int i = 0; i < snapshot.vms().size(); i++) {
      VmEntry vm = snapshot.vms().get(i);
      Place one = place.at(i);
      name(one.at("name"), vm.name());
      int irqfds = bound.getOrDefault(vm.number(), 0);
      one.at("references")
          .same(vm.references(), 1 + irqfds, "as the VM is open and has " + irqfds + " irqfds");
      one.at("bootVcpu").between(vm.bootVcpu(), 0, VmVcpus.MAX_BOOT_VCPU);
      one.at("x2apic").between(vm.x2apic(), 0, X2ApicApi.ALL);
      boolean split = vm.irqchip() == IrqChip.Kind.SPLIT;
      one.at("reservedPins").between(vm.reservedPins(), 0, split ? IrqChip.MAX_RESERVED_PINS : 0);
      controller(one, vm);
      lines(one.at("lines"), vm.lines());
      bound(one.at("lines"), vm);
    }
  }

  private void controller(Place place, VmEntry vm) {
    IrqChip.Kind kind = vm.irqchip();
    if ((kind == null) != (vm.chips() == null)) {
      throw place.at("chips").fault(kind == null ? "there is no irqchip" : "is missing");
    }
    if (kind == null || vm.chips() == null) {
      place.at("routing").size(vm.routing(), 0);
      plain(place.at("vcpus"), vm.vcpus());
      return;
    }
    place.at("vcpus").size(vm.vcpus(), 0);
    ChipCheck.check(place.at("chips"), vm.chips(), kind);
    if (vm.chips().wideMap() && (vm.x2apic() & X2ApicApi.WIDE_IDS) == 0) {
      throw place.at("chips").at("wideMap").fault("is true, and ids of 32 bits are not agreed to");
    }
    ChipCheck.since(place.at("chips"), vm.chips(), snapshot.clock().nanos());
    routing(place.at("routing"), vm.routing(), kind == IrqChip.Kind.KERNEL);
  }

  private static void plain(Place place, List<VmState.PlainVcpu> vcpus) {
    ChipCheck.numbers(place, vcpus.stream().map(VmState.PlainVcpu::number).toList());
    for (int i = 0; i < vcpus.size(); i++) {
      int most = IrqChip.mostNmis(vcpus.get(i).nmiMasked());
      place.at(i).at("nmis").between(vcpus.get(i).nmis(), 0, most);
      ApicBaseCheck.check(place.at(i), vcpus.get(i).base());
    }
  }

  private static void routing(Place place, List<VmEntry.Route> routes, boolean chips) {
    List<RoutingEntry> entries = new ArrayList<>();
    for (int i = 0; i < routes.size(); i++) {
      VmEntry.Route route = routes.get(i);
      Place one = place.at(i);
      one.at("gsi").between(route.gsi(), 0, Place.WORD);
      one.at("flags").between(route.flags(), 0, Place.WORD);
      RoutingEntry entry = route.entry();
      if (entry == null) {
        throw one.fault("has neither chip and pin, nor address, data and addressHigh");
      }
      if (entry instanceof RoutingEntry.Message message) {
        one.at("address").between(message.address(), 0, Place.WORD);
        one.at("data").between(message.data(), 0, Place.WORD);
        one.at("addressHigh").between(message.addressHigh(), 0, Place.WORD);
      }
      entries.add(entry);
    }
    try {
      var _ = RoutingTable.of(entries, 0, chips);
    } catch (ErrnoException e) {
      throw place.fault(e.sentence());
    }
  }

  private static void lines(Place place, List<VmEntry.Line> lines) {
    place.ascending(lines.stream().map(VmEntry.Line::gsi).toList(), 0, Place.WORD);
    for (int i = 0; i < lines.size(); i++) {
      VmEntry.Line line = lines.get(i);
      Place one = place.at(i);
      one.at("signalled").between(line.signalled(), 0, MOST);
      one.at("injected").between(line.injected(), 0, MOST);
      one.at("coalesced").between(line.coalesced(), 0, MOST);
      one.at("ignored").between(line.ignored(), 0, MOST);
      one.at("dropped").between(line.dropped(), 0, MOST);
      one.at("lineDelivered").between(line.lineDelivered(), 0, MOST);
      one.at("lineCoalesced").between(line.lineCoalesced(), 0, MOST);
      one.at("lineIgnored").between(line.lineIgnored(), 0, MOST);
    }
  }

  private void bound(Place place, VmEntry vm) {
    Set<Long> counted = new HashSet<>();
    vm.lines().forEach(line -> counted.add(line.gsi()));
    for (IrqfdEntry irqfd : snapshot.irqfds()) {
      if (irqfd.vm() == vm.number() && !counted.contains(irqfd.gsi())) {
        throw place.fault(
            "has no line %d, which irqfd-%d is bound to".formatted(irqfd.gsi(), irqfd.number()));
      }
    }
  }

  // ---- irqfds

  private void irqfds(Place place) {
    numbered(
        place,
        snapshot.irqfds().stream().map(IrqfdEntry::number).toList(),
        snapshot.next().irqfd());
    Map<Long, VmEntry> vms = new HashMap<>();
    snapshot.vms().forEach(vm -> vms.put(vm.number(), vm));
    Set<Long> eventfds = new HashSet<>();
    snapshot.eventfds().forEach(eventfd -> eventfds.add(eventfd.number()));
    Map<Long, Long> bound = new HashMap<>();
    for (int i = 0; i < snapshot.irqfds().size(); i++) {
      IrqfdEntry irqfd = snapshot.irqfds().get(i);
      Place one = place.at(i);
      VmEntry vm = vms.get(irqfd.vm());
      Long resample = irqfd.resampleEventfd();
      if (vm == null) {
        throw one.at("vm").fault("there is no VM " + irqfd.vm());
      }
      if (vm.irqchip() == null) {
        throw one.at("vm").fault("VM " + irqfd.vm() + " has no irqchip");
      }
      if (!eventfds.contains(irqfd.eventfd())) {
        throw one.at("eventfd").fault("there is no eventfd " + irqfd.eventfd());
      }
      Long other = bound.put(irqfd.eventfd(), irqfd.number());
      if (other != null) {
        throw one.at("eventfd")
            .fault("eventfd %d is bound by irqfd %d already".formatted(irqfd.eventfd(), other));
      }
      one.at("gsi").between(irqfd.gsi(), 0, Place.WORD);
      if (resample != null) {
        if (vm.irqchip() != IrqChip.Kind.KERNEL) {
          throw one.at("resampleEventfd").fault("needs a full irqchip");
        }
        one.at("resampleEventfd").between(resample, 1, snapshot.next().eventfd() - 1);
      }
      injections(one.at("injections"), irqfd.injections());
    }
  }

  private void freed(Place place) {
    numbered(
        place,
        snapshot.freedIrqfds().stream().map(FreedIrqfdEntry::number).toList(),
        snapshot.next().irqfd());
    Set<Long> bound = new HashSet<>();
    snapshot.irqfds().forEach(irqfd -> bound.add(irqfd.number()));
    for (int i = 0; i < snapshot.freedIrqfds().size(); i++) {
      FreedIrqfdEntry gone = snapshot.freedIrqfds().get(i);
      Place one = place.at(i);
      if (bound.contains(gone.number())) {
        throw one.at("number").fault("irqfd " + gone.number() + " is bound, and freed too");
      }
      one.at("vm").between(gone.vm(), 1, snapshot.next().vm() - 1);
      one.at("eventfd").between(gone.eventfd(), 1, snapshot.next().eventfd() - 1);
      one.at("gsi").between(gone.gsi(), 0, Place.WORD);
      injections(one.at("injections"), gone.injections());
      one.at("gracePeriodNanos").between(gone.gracePeriodNanos(), 0, MOST);
      one.at("waitedForReaders").between(gone.waitedForReaders(), 0, MOST);
      one.at("flushNanos").between(gone.flushNanos(), 0, MOST);
    }
  }

  private void released(Place place) {
    Set<Long> seen = new HashSet<>();
    snapshot.vms().forEach(vm -> seen.add(vm.number()));
    for (int i = 0; i < snapshot.releasedVms().size(); i++) {
      ReleasedVmEntry gone = snapshot.releasedVms().get(i);
      Place one = place.at(i);
      one.at("number").between(gone.number(), 1, snapshot.next().vm() - 1);
      if (!seen.add(gone.number())) {
        throw one.at("number").fault("VM " + gone.number() + " is there twice");
      }
      name(one.at("name"), gone.name());
      one.at("bootVcpu").between(gone.bootVcpu(), 0, VmVcpus.MAX_BOOT_VCPU);
      if (gone.chip() != null) {
        ChipCheck.former(one.at("chip"), gone.chip());
      }
      lines(one.at("lines"), gone.lines());
      one.at("gracePeriodNanos").between(gone.gracePeriodNanos(), 0, MOST);
      one.at("waitedForReaders").between(gone.waitedForReaders(), 0, MOST);
      one.at("flushNanos").between(gone.flushNanos(), 0, MOST);
    }
  }

  private static void injections(Place place, IrqfdEntry.Injections counted) {
    place.at("coalesced").between(counted.coalesced(), 0, MOST);
    place.at("injected").between(counted.injected(), 0, MOST);
    place.at("severed").between(counted.severed(), 0, MOST);
    place.at("failed").between(counted.failed(), 0, MOST);
    place.at("queued").between(counted.queued(), 0, MOST);
    place
        .at("queued")
        .same(
            BigInteger.valueOf(counted.queued()),
            BigInteger.valueOf(counted.injected())
                .add(BigInteger.valueOf(counted.severed()))
                .add(BigInteger.valueOf(counted.failed())),
            "the sum of injected, severed and failed, as nothing is in flight");
  }

  // ---- what all have

  /** Numbers of objects: ascending, and below the next one. */
  private static void numbered(Place place, List<Long> numbers, long next) {
    long before = 0;
    for (int i = 0; i < numbers.size(); i++) {
      Place number = place.at(i).at("number");
      number.between(numbers.get(i), 1, next - 1);
      if (numbers.get(i) <= before) {
        throw number.fault(numbers.get(i) + " comes after " + before);
      }
      before = numbers.get(i);
    }
  }

  private static void name(Place place, @Nullable String name) {
    if (name != null) {
      text(place, name);
    }
  }

  private static void text(Place place, String text) {
    if (text.isEmpty() || text.length() > MAX_NAME) {
      throw place.fault("must be 1 to " + MAX_NAME + " characters long, not " + text.length());
    }
    if (text.codePoints()
        .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
      throw place.fault("has a control character, or half of a surrogate pair");
    }
  }
}
