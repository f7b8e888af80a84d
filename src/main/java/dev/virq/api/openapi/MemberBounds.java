package dev.virq.api.openapi;

import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.errno.Errno;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the members of bodies may be: the range of each number, the form of each text, the length of
 * each list, and what holds when a member is left out.
 *
 * <p>The rules go by a member's name, for a name means the same wherever it stands; where it does
 * not, a rule for the one schema goes first. A default stands here only where sending it always
 * means what leaving it out means, because clients that are generated do send it: not where a
 * setting may change it, nor where the member is refused beside others.
 */
final class MemberBounds {
  private static final long BYTE = 0xff;
  private static final long WORD = 0xffff_ffffL;
  private static final int MANY = 1_000_000;

  /** No instance can be set to have less for a sandbox: one that is empty takes most of it. */
  private static final long LEAST_MEMORY = 16_384;

  /** The registers of an 8259; each has 8 bits. */
  private static final List<String> PIC =
      List.of(
          "irr",
          "lastIrr",
          "imr",
          "isr",
          "elcr",
          "elcrMask",
          "irqBase",
          "priorityAdd",
          "autoEoi",
          "rotateOnAutoEoi",
          "specialFullyNestedMode",
          "specialMask",
          "initState",
          "init4",
          "readRegSelect",
          "poll");

  private static final Map<String, Consumer<Schema<?>>> RULES = new HashMap<>();

  static {
    // ---- names of objects
    rule(id("vm"), "vm", "Vm.id", "Leaked.vms", "CloseReport.vmFreed");
    rule(id("efd"), "eventfd", "resampleEventfd", "Eventfd.id", "Leaked.eventfds");
    rule(
        id("irqfd"),
        "irqfd",
        "Irqfd.id",
        "Leaked.irqfds",
        "CloseReport.released",
        "GuestAnswer.resampled");
    rule(id("bp"), "breakpoint", "Breakpoint.id", "Leaked.breakpoints");
    rule(id("sig"), "signal", "Signal.id", "SignalRange.first", "SignalRange.last");
    rule(pattern("^(vm|efd|irqfd|sig)-[1-9][0-9]{0,18}$|^[0-9]{1,10}$"), "Pending.id");
    rule(pattern("^(efd-[1-9][0-9]{0,18}|[0-9]{1,10})$"), "BulkItem.eventfd");
    rule(
        pattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$").andThen(length(1, 63)),
        "sandbox",
        "Sandbox.name",
        "SandboxRequest.name");
    rule(length(1, Params.MAX_NAME), "name");
    rule(length(0, Params.MAX_NAME), "labels");
    rule(pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"), "uid", "epoch");

    // ---- words
    rule(words(Arrays.stream(Errno.values()).map(Errno::name).toList()), "errno");
    rule(words(PointNames.all()), "point", "Point.name");
    rule(words(PointNames.stoppable()), "BreakpointRequest.point");
    rule(words(PointNames.held()), "Point.holds");
    rule(pattern("^(eventfd-wq-lock|kvm-lock|srcu-read#[01])$"), "Held.holds");
    rule(pattern("^\\[[1-4]\\]$"), "mark");
    rule(words(List.of("OPEN")), "Eventfd.state");
    rule(words(List.of("virq")), "service");

    // ---- numbers of things
    rule(range(0, WORD), "gsi", "Msi.data", "Route.pin", "irr");
    rule(range(0, WORD), "Lapic.id", "LapicRequest.id", "svr", "tpr", "ppr", "ldr", "dfr");
    rule(range(0, WORD), "lvt0", "lvt1", "ioregsel", "IoApic.id", "IoApicRequest.id");
    rule(range(0, Long.MAX_VALUE), "Msi.address", "Clock.nanos");
    rule(range(0, WORD), "GuestAnswer.value", "GuestAnswer.high", "LineRequest.level");
    rule(range(0, WORD), "IoRequest.value", "IoRequest.high", "IoRequest.address", "IoRequest.msr");
    rule(range(0, Integer.MAX_VALUE), "fd", "fds", "resampleFd");
    rule(range(0, 4_095), "Vcpu.id", "VcpuRequest.id");
    rule(range(0, 4_096), "reservedPins");
    rule(range(0, 23), "IoApicPin.pin", "IoApicPinRequest.pin");
    rule(range(0, BYTE), "vector", "destId", "eoiExit", "isr", "tmr");
    rule(range(0, BYTE), "Lapic.irr", "LapicRequest.irr");
    for (String register : PIC) {
      rule(range(0, BYTE), "PicState." + register, "PicRequest." + register);
    }
    rule(range(0, 0xffff), "IoRequest.port");
    rule(range(0, BYTE), "IoRequest.ioapic");
    rule(range(0, 0xfff), "IoRequest.lapic");
    rule(range(0, 1), "Gsi.level", "Held.cpu", "Deassigned.released", "SrcuRanks.index");
    rule(range(0, 2), "Vcpu.nmiPending");
    rule(range(0, BYTE), "NmiRequest.nmiPending");
    rule(range(-1, Integer.MAX_VALUE), "LineStatus.status");
    rule(range(400, 599), "ErrnoProblem.status", "ProblemType.status");
    rule(range(1, 133), "errnoNumber");
    rule(range(Long.MIN_VALUE, Long.MAX_VALUE), "seed");
    rule(pattern("^[0-9]{1,20}$"), "counter", "counterAfter", "ReadValue.value");

    // ---- requests: how many, how long
    for (String one :
        List.of(
            "vms",
            "eventfds",
            "descriptors",
            "irqfds",
            "breakpoints",
            "heldThreads",
            "waiters",
            "tombstones",
            "streams",
            "scriptLines",
            "scriptAnswer",
            "workers")) {
      rule(range(1, Long.MAX_VALUE), "LimitsRequest." + one);
    }
    rule(range(16, Long.MAX_VALUE), "LimitsRequest.signalsKept", "LimitsRequest.events");
    rule(range(LEAST_MEMORY, Long.MAX_VALUE), "LimitsRequest.memoryBytes");
    rule(range(1, Integer.MAX_VALUE), "SandboxRequest.workers", "Sandbox.workers");
    rule(range(1, Integer.MAX_VALUE).andThen(otherwise(1)), "repeat", "parallelism");
    rule(range(1, Integer.MAX_VALUE).andThen(otherwise(1)), "BreakpointRequest.hits");
    rule(range(0, Integer.MAX_VALUE).andThen(otherwise(0)), "BreakpointRequest.skip");
    rule(otherwise("0"), "EventfdRequest.initval");
    rule(otherwise("1"), "SignalRequest.value", "BulkItem.value");
    rule(otherwise("GIVEN"), "order");
    rule(otherwise("HOLD"), "BreakpointRequest.action");
    rule(otherwise("KERNEL"), "VmRequest.irqchip");
    rule(otherwise(false), "atomic", "keepBreakpoints");
    rule(otherwise("PT5S"), "WaitRequest.timeout");
    rule(otherwise("PCT"), "ExplorationRequest.strategy");
    rule(range(1, 32), "ExplorationRequest.depth");
    rule(range(0, Integer.MAX_VALUE), "preemptions");
    rule(range(Long.MIN_VALUE, Long.MAX_VALUE).andThen(otherwise(0)), "ExplorationRequest.seed");
    rule(range(1, MANY).andThen(otherwise(10_000)), "ExplorationRequest.runs");
    rule(otherwise(false), "stopOnFirst");
    rule(pattern("^[a-z]+(-[a-z]+)*$").andThen(length(1, 64)), "defect");
    rule(otherwise("PT1M"), "ExplorationRequest.timeout");
    rule(length(1, 65_536), "program");
    rule(pattern("^s1:").andThen(length(1, 65_536)), "schedule");
    rule(most(32), "violated", "Replay.reports");
    rule(most(20_001), "Replay.steps");
    rule(most(1_000), "ExplorationPlace.stack");
    // Its component has another name, and the words of that are not found.
    rule(
        schema -> schema.setDescription("longest wait; the instance's when left out"),
        "LimitsRequest.wait");

    // ---- lists
    rule(
        most(2),
        "EventfdRequest.flags",
        "Eventfd.flags",
        "X2ApicApi.flags",
        "X2ApicApiRequest.flags",
        "CpuidRequest.features",
        "VcpuRequest.cpuid");
    rule(most(1), "IrqfdRequest.flags");
    rule(most(2), "SrcuRanks.begun", "SrcuRanks.ended");
    rule(most(4_096), "Routing.entries");
    rule(most(24), "IoApic.pins");
    rule(most(3), "Held.holds", "Point.holds");
    rule(most(Paging.MAX_SIZE), "EventPage.items");
    rule(most((int) BYTE + 1), "isr", "tmr", "Lapic.irr", "LapicRequest.irr");
    rule(most(1_000), "Leaked.vms", "Leaked.eventfds", "Leaked.irqfds", "Leaked.breakpoints");
    for (String page : List.of("Breakpoint", "Eventfd", "Gsi", "Irqfd", "Sandbox", "Vm")) {
      rule(most(Paging.MAX_SIZE), "Page" + page + ".items");
    }
    rule(pattern("^[-_A-Za-z0-9]*$").andThen(length(1, 512)), "nextPageToken");

    // ---- texts
    rule(pattern("^/problems/E[0-9A-Z]+$"), "type");
    rule(pattern("^[a-z-]{1,64}$"), "Event.type");
    rule(pattern("^[0-9a-f]{16}$"), "EventPage.log");
    rule(schema -> {}, "Event.detail");
    rule(pattern("^[!-~]{1,128}$"), "requestId");
    rule(pattern("^(GET|POST|PUT|DELETE) /v1/.+$").andThen(length(1, 256)), "ScriptOperation.call");
    rule(pattern("^[a-z][a-z0-9_]*$").andThen(length(1, 64)), "ScriptOperation.word");
    rule(length(1, 16_384), "instance");
    rule(length(1, 4_096), "detail");
    rule(length(0, 4_096), "pointer");
  }

  private MemberBounds() {}

  private static void rule(Consumer<Schema<?>> says, String... members) {
    for (String member : members) {
      RULES.merge(member, says, Consumer::andThen);
    }
  }

  private static Consumer<Schema<?>> range(long least, long most) {
    return each(
        "integer",
        schema -> schema.minimum(BigDecimal.valueOf(least)).maximum(BigDecimal.valueOf(most)));
  }

  private static Consumer<Schema<?>> id(String kind) {
    return pattern("^" + kind + "-[1-9][0-9]{0,18}$");
  }

  private static Consumer<Schema<?>> pattern(String pattern) {
    return each("string", schema -> schema.pattern(pattern));
  }

  private static Consumer<Schema<?>> length(int least, int most) {
    return each("string", schema -> schema.minLength(least).maxLength(most));
  }

  private static Consumer<Schema<?>> words(List<String> values) {
    return each("string", schema -> setEnum(schema, values));
  }

  @SuppressWarnings("unchecked") // a schema of strings
  private static void setEnum(Schema<?> schema, List<String> values) {
    ((Schema<Object>) schema).setEnum(List.copyOf(values));
  }

  private static Consumer<Schema<?>> most(int items) {
    return each("array", schema -> schema.maxItems(items));
  }

  private static Consumer<Schema<?>> otherwise(Object value) {
    return schema -> schema.setDefault(value);
  }

  /** What a rule of one type says holds for the member, its items or its values: as it is made. */
  private static Consumer<Schema<?>> each(String type, Consumer<Schema<?>> says) {
    return schema -> within(schema).filter(one -> type.equals(one.getType())).forEach(says);
  }

  private static Stream<Schema<?>> within(@Nullable Schema<?> schema) {
    if (schema == null) {
      return Stream.empty();
    }
    Schema<?> values = schema.getAdditionalProperties() instanceof Schema<?> of ? of : null;
    return Stream.of(Stream.<Schema<?>>of(schema), within(schema.getItems()), within(values))
        .flatMap(one -> one);
  }

  /** Applies the rules to every member of a schema. */
  static void apply(String name, Schema<?> schema) {
    if (schema.getProperties() != null) {
      schema.getProperties().replaceAll((_, type) -> asText(type));
      schema.getProperties().forEach((member, type) -> bound(name, member, type));
    }
  }

  /** Applies the rules to one member of the schema of that name. */
  static void bound(String name, String member, Schema<?> type) {
    Consumer<Schema<?>> own = RULES.get(name + "." + member);
    Consumer<Schema<?>> says = own != null ? own : RULES.get(member);
    if (says != null) {
      says.accept(type);
    }
    within(type).forEach(MemberBounds::complete);
  }

  /** The library writes the default of a length of time as a number of seconds. */
  @SuppressWarnings("rawtypes") // the library's own signature
  private static Schema asText(Schema type) {
    return "duration".equals(type.getFormat())
        ? new StringSchema().format("duration").description(type.getDescription()).example("PT5S")
        : type;
  }

  /** What goes without saying: a count, a text of a reasonable length, a list that ends. */
  private static void complete(Schema<?> schema) {
    switch (schema.getType()) {
      case "integer" -> {
        if (schema.getMinimum() == null) {
          schema.setMinimum(BigDecimal.ZERO);
        }
        if (schema.getMaximum() == null) {
          schema.setMaximum(
              BigDecimal.valueOf(
                  "int32".equals(schema.getFormat()) ? Integer.MAX_VALUE : Long.MAX_VALUE));
        }
      }
      case "string" -> {
        if (schema.getEnum() == null
            && schema.getFormat() == null
            && schema.getPattern() == null
            && schema.getMaxLength() == null) {
          schema.setMaxLength(1_024);
        }
      }
      case "array" -> {
        if (schema.getMaxItems() == null) {
          schema.setMaxItems(MANY);
        }
      }
      case null, default -> {}
    }
  }
}
