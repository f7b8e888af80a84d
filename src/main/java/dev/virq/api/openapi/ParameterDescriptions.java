package dev.virq.api.openapi;

import static java.util.Map.entry;

import dev.virq.api.http.Paging;
import dev.virq.api.http.SandboxArgument;
import dev.virq.errno.Errno;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.PathParameter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What the parameters of paths and queries mean, what they may be, and an example of each. */
final class ParameterDescriptions {
  /** Examples of path variables: what is there once the operations before have been run. */
  private static final Map<String, String> EXAMPLES =
      Map.ofEntries(
          Map.entry(SandboxArgument.VARIABLE, "default"),
          Map.entry("vm", "vm-1"),
          Map.entry("efd", "efd-1"),
          Map.entry("irqfd", "irqfd-1"),
          Map.entry("bp", "bp-1"),
          Map.entry("signal", "sig-1"),
          Map.entry("gsi", "5"),
          Map.entry("n", "0"),
          Map.entry("pin", "5"),
          Map.entry("half", "master"),
          Map.entry("errno", "EBUSY"),
          Map.entry("scenario", "five-steps"),
          Map.entry("run", "run-1"));

  /** Where an operation has an example of its own: what it ends is not what others work on. */
  private static final Map<String, Map<String, String>> OWN =
      Map.of(
          "ensureSandbox", Map.of(SandboxArgument.VARIABLE, "rig-1"),
          "deleteSandbox", Map.of(SandboxArgument.VARIABLE, "rig-1"),
          "getClock", Map.of(SandboxArgument.VARIABLE, "rig-1"),
          "advanceClock", Map.of(SandboxArgument.VARIABLE, "rig-1"),
          "getSnapshot", Map.of(SandboxArgument.VARIABLE, "rig-1"),
          "closeVm", Map.of("vm", "vm-2"),
          "closeEventfd", Map.of("efd", "4"),
          "runScript", Map.of("keep", "true"));

  /**
   * What it has in the query may stand in its body instead, and not in both. Swagger UI sends every
   * default: here one would refuse each call.
   */
  private static final String IN_THE_BODY = "signalMany";

  /** Those of a list of events. */
  private static final Map<String, String> EVENT_PARAMETERS =
      Map.ofEntries(
          entry("after", "Only those after this one; all that are kept when left out"),
          entry(
              "log",
              "Which log the number in after or Last-Event-ID is of, as a page calls it; an earlier"
                  + " one is ESTALE, or event restart of a stream; not looked at when left out"),
          entry(
              "types",
              "Only these types, separated by commas; grace-* are all that begin so; all when left"
                  + " out"),
          entry("vm", "Only those about this VM; all when left out"),
          entry("irqfd", "Only those about this irqfd; all when left out"),
          entry("eventfd", "Only those about this eventfd; all when left out"),
          entry("gsi", "Only those about this line; all when left out"),
          entry(
              "onGap",
              "What to do when events asked for are not kept any more: skip tells which are missing,"
                  + " fail is ESTALE; skip when left out"),
          entry(
              "detail",
              "For a stream: whether the log records every step of each signal and close while it is"
                  + " open; false when left out"),
          entry("Last-Event-ID", "For a stream that goes on: number of the last event that came"));

  /** How long an operation waits when it is not told; those that are not here PT5S. */
  private static final Map<String, String> TIMEOUTS =
      Map.of("signalEventfd", "PT2S", "readEventfd", "PT0S");

  private static final long WORD = 0xffff_ffffL;

  private ParameterDescriptions() {}

  /** The variable of the path that the handler sees only as what it names. */
  static void addSandbox(Operation operation) {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(new PathParameter().name(SandboxArgument.VARIABLE));
    if (operation.getParameters() != null) {
      parameters.addAll(operation.getParameters());
    }
    operation.setParameters(parameters);
  }

  static void describe(Operation operation) {
    List<Parameter> parameters =
        operation.getParameters() == null ? List.of() : operation.getParameters();
    parameters.forEach(parameter -> describe(parameter, operation.getOperationId()));
  }

  private static void describe(Parameter parameter, String operation) {
    String name = parameter.getName();
    String own = OWN.getOrDefault(operation, Map.of()).get(name);
    boolean inPath = "path".equals(parameter.getIn());
    String example = own != null ? own : inPath ? EXAMPLES.get(name) : null;
    if (operation.equals("listEvents") && EVENT_PARAMETERS.containsKey(name)) {
      Schema<?> schema =
          switch (name) {
            case "after" -> number(0, Long.MAX_VALUE);
            case "types" -> text("^[-a-z]+\\*?(,[-a-z]+\\*?)*$").maxLength(1_024);
            case "gsi" -> number(0, WORD);
            case "log" -> text("^[0-9a-f]{16}$");
            case "onGap" -> words("skip", "fail");
            case "detail" -> new BooleanSchema();
            case "Last-Event-ID" -> text("^[0-9]{0,19}$");
            case "eventfd" -> id("efd");
            default -> id(name);
          };
      say(parameter, EVENT_PARAMETERS.get(name), schema);
      return;
    }
    switch (name) {
      case SandboxArgument.VARIABLE ->
          say(
              parameter,
              "Name of the sandbox; default is always there",
              text("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$").minLength(1).maxLength(63));
      case "vm" -> say(parameter, "Id of the VM, such as vm-1", id("vm"));
      case "irqfd" -> say(parameter, "Id of the irqfd, such as irqfd-1", id("irqfd"));
      case "bp" -> say(parameter, "Id of the breakpoint, such as bp-1", id("bp"));
      case "signal" -> say(parameter, "Id of the signal, such as sig-1", id("sig"));
      case "efd" ->
          say(
              parameter,
              "Id of the eventfd, such as efd-1, which is never used again; or the number of a"
                  + " descriptor, which is",
              text("^(efd-[1-9][0-9]{0,18}|[0-9]{1,10})$"));
      case "gsi" ->
          say(
              parameter,
              inPath ? "Number of the line" : "Only those bound to this line; to any when left out",
              number(0, WORD));
      case "n" -> say(parameter, "Number of the vCPU", number(0, 4_095));
      case "pin" -> say(parameter, "Number of the pin", number(0, 23));
      case "half" ->
          say(
              parameter,
              "Which of the two: master, which is wired to the vCPUs, or slave behind its line 2",
              words("master", "slave"));
      case "errno" ->
          say(
              parameter,
              "Name of the error, as Linux has it",
              words(Arrays.stream(Errno.values()).map(Errno::name).toArray(String[]::new)));
      case "wait" -> {
        if (operation.equals(IN_THE_BODY)) {
          say(
              parameter,
              "For lines: how far the answer waits; none when left out. In JSON it stands in the"
                  + " body.",
              words("none", "settled"));
        } else {
          say(
              parameter,
              "How far the answer waits: not at all, or until the action is over",
              waiting(operation.equals("signalEventfd") ? "none" : "settled"));
        }
      }
      case "timeout" -> {
        if (operation.equals(IN_THE_BODY)) {
          say(
              parameter,
              "For lines: how long the answer waits at most, ISO-8601; PT5S when left out. In JSON"
                  + " it stands in the body.",
              new StringSchema().format("duration"));
        } else {
          say(
              parameter,
              "How long the answer waits at most, ISO-8601; not more than limits.waitNanos of"
                  + " GET /v1",
              duration(TIMEOUTS.getOrDefault(operation, "PT5S")));
        }
      }
      case "pageSize" -> say(parameter, "Items at most", pageSize());
      case "pageToken" ->
          say(
              parameter,
              "nextPageToken of the page before; the first page when left out",
              text("^[-_A-Za-z0-9]*$").maxLength(512));
      case "label" ->
          say(
              parameter,
              "Only those that have this label, as key=value; all when left out",
              text("^[^=]+=.*$").maxLength(257));
      case "state" ->
          // Its values are the handler's.
          parameter.description("Only those in this state; all but FREED when left out");
      case "eventfd" ->
          say(
              parameter,
              "Only those bound to the eventfd of this id, such as efd-1; to any when left out",
              id("efd"));
      case "from" ->
          say(
              parameter,
              "pic: from the 8259 pair; from the local APIC when left out",
              words("pic"));
      case "after" ->
          say(
              parameter,
              "Only what comes after this event; all that is kept when left out",
              number(0, Long.MAX_VALUE));
      case "upTo" ->
          say(parameter, "The last event; the newest when left out", number(0, Long.MAX_VALUE));
      case "format" -> say(parameter, "json, or text; json when left out", words("json", "text"));
      case "pace" ->
          say(
              parameter,
              "all, or step to take the steps one by one; all when left out",
              words("all", "step"));
      case "scenario" -> say(parameter, "Name of the scenario", text("^[a-z0-9][-a-z0-9]{0,62}$"));
      case "run" -> say(parameter, "Id of the run, such as run-1", id("run"));
      case "keep" -> {
        parameter.description("Whether what the script leaves open stays, under its names");
      }
      case "history" -> {
        parameter.description("Whether freed irqfds and released VMs are in it");
      }
      default -> {}
    }
    if (example != null) {
      Schema<?> schema = parameter.getSchema();
      parameter.example(
          schema instanceof IntegerSchema
              ? (Object) Long.valueOf(example)
              : "boolean".equals(schema.getType()) ? (Object) Boolean.valueOf(example) : example);
    }
  }

  private static void say(Parameter parameter, String description, Schema<?> schema) {
    parameter.description(description).schema(schema);
  }

  private static Schema<?> text(String pattern) {
    return new StringSchema().pattern(pattern);
  }

  private static Schema<?> id(String kind) {
    return text("^" + kind + "-[1-9][0-9]{0,18}$");
  }

  private static Schema<?> number(long least, long most) {
    return new IntegerSchema()
        .format("int64")
        .minimum(BigDecimal.valueOf(least))
        .maximum(BigDecimal.valueOf(most));
  }

  private static Schema<?> words(String... values) {
    StringSchema schema = new StringSchema();
    List.of(values).forEach(schema::addEnumItem);
    return schema;
  }

  private static Schema<?> waiting(String otherwise) {
    Schema<?> schema = words("none", "settled");
    schema.setDefault(otherwise);
    return schema;
  }

  private static Schema<?> duration(String otherwise) {
    Schema<?> schema = new StringSchema().format("duration");
    schema.setDefault(otherwise);
    return schema;
  }

  private static Schema<?> pageSize() {
    Schema<?> schema = number(1, Paging.MAX_SIZE).format("int32");
    schema.setDefault(Paging.DEFAULT_SIZE);
    return schema;
  }
}
