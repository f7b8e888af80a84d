import dev.virq.generated.ApiClient;
import dev.virq.generated.ApiException;
import dev.virq.generated.api.BreakpointsApi;
import dev.virq.generated.api.BreakpointsApi.APICreateBreakpointRequest;
import dev.virq.generated.api.BreakpointsApi.APIReleaseBreakpointRequest;
import dev.virq.generated.api.EventfdsApi;
import dev.virq.generated.api.EventfdsApi.APICreateEventfdRequest;
import dev.virq.generated.api.EventfdsApi.APIGetSignalRequest;
import dev.virq.generated.api.EventfdsApi.APISignalEventfdRequest;
import dev.virq.generated.api.IrqfdsApi;
import dev.virq.generated.api.IrqfdsApi.APIAssignIrqfdRequest;
import dev.virq.generated.api.SandboxesApi;
import dev.virq.generated.api.SandboxesApi.APIDeleteSandboxRequest;
import dev.virq.generated.api.SandboxesApi.APIEnsureSandboxRequest;
import dev.virq.generated.api.ScriptsApi;
import dev.virq.generated.api.ScriptsApi.APIRunScriptRequest;
import dev.virq.generated.api.VmsApi;
import dev.virq.generated.api.VmsApi.APICloseVmRequest;
import dev.virq.generated.api.VmsApi.APICreateVmRequest;
import dev.virq.generated.api.VmsApi.APIGetVmRequest;
import dev.virq.generated.api.WaitApi;
import dev.virq.generated.api.WaitApi.APIWaitForRequest;
import dev.virq.generated.model.BreakpointRequest;
import dev.virq.generated.model.BreakpointRequest.PointEnum;
import dev.virq.generated.model.ErrnoProblem;
import dev.virq.generated.model.IrqfdRequest;
import dev.virq.generated.model.SandboxRequest;
import dev.virq.generated.model.Signal;
import dev.virq.generated.model.Vm;
import dev.virq.generated.model.WaitRequest;
import dev.virq.generated.model.WaitRequest.ForEnum;
import java.util.List;

/** The README's five steps with the client that the generator makes. */
class Session {
  private static final String S = "generated-java";

  private static void print(Object... words) {
    System.out.println(String.join(" ", List.of(words).stream().map(Object::toString).toList()));
  }

  public static void main(String[] arguments) throws ApiException {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("VIRQ_URL"));
    String token = System.getenv("VIRQ_TOKEN");
    if (token != null) {
      client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
    }
    SandboxesApi sandboxes = new SandboxesApi(client);
    VmsApi vms = new VmsApi(client);
    EventfdsApi eventfds = new EventfdsApi(client);
    IrqfdsApi irqfds = new IrqfdsApi(client);
    BreakpointsApi breakpoints = new BreakpointsApi(client);
    WaitApi wait = new WaitApi(client);
    ScriptsApi scripts = new ScriptsApi(client);

    sandboxes.ensureSandbox(
        APIEnsureSandboxRequest.newBuilder()
            .sb(S)
            .sandboxRequest(new SandboxRequest().ttl("PT2M"))
            .build());
    String vm = vms.createVm(APICreateVmRequest.newBuilder().sb(S).build()).getId();
    List<Integer> fds =
        eventfds.createEventfd(APICreateEventfdRequest.newBuilder().sb(S).build()).getFds();
    var irqfd =
        irqfds.assignIrqfd(
            APIAssignIrqfdRequest.newBuilder()
                .sb(S)
                .vm(vm)
                .irqfdRequest(new IrqfdRequest().fd(fds.getFirst()).gsi(5L))
                .build());
    print(vm, fds.getFirst(), irqfd.getId(), irqfd.getState());

    // 1. CPU 0 picks up the pointer, and is held there
    String held =
        breakpoints
            .createBreakpoint(
                APICreateBreakpointRequest.newBuilder()
                    .sb(S)
                    .breakpointRequest(new BreakpointRequest().point(PointEnum.INJECT_DEREFERENCED))
                    .build())
            .getId();
    String sent =
        eventfds
            .signalEventfd(
                APISignalEventfdRequest.newBuilder().sb(S).efd(fds.getFirst().toString()).build())
            .getId();
    boolean parked =
        wait.waitFor(
                APIWaitForRequest.newBuilder()
                    .sb(S)
                    .waitRequest(new WaitRequest()._for(ForEnum.PARKED).breakpoint(held))
                    .build())
            .getMet();
    print(held, sent, parked);

    // 2. CPU 1 takes the object off its list; synchronize_srcu cannot return
    print(
        vms.closeVm(APICloseVmRequest.newBuilder().sb(S).vm(vm).waitUntil("none").build())
            .getSettled());
    APIWaitForRequest settled =
        APIWaitForRequest.newBuilder()
            .sb(S)
            .waitRequest(new WaitRequest()._for(ForEnum.SETTLED))
            .build();
    try {
      wait.waitFor(settled);
    } catch (ApiException refused) {
      ErrnoProblem problem =
          client.getObjectMapper().readValue(refused.getResponseBody(), ErrnoProblem.class);
      print(
          problem.getStatus(),
          problem.getErrno(),
          problem.getHeldBy().getFirst().getBreakpoint(),
          problem.getPending().getLast().getStage());
    }
    APIGetVmRequest get = APIGetVmRequest.newBuilder().sb(S).vm(vm).build();
    print(vms.getVm(get).getState(), vms.getVm(get).getRefs());

    // 3. CPU 0 takes the lock, injects, and leaves the read section
    print(
        breakpoints
            .releaseBreakpoint(APIReleaseBreakpointRequest.newBuilder().sb(S).bp(held).build())
            .getId());

    // 4. The grace period ends. 5. The VM is freed
    print(wait.waitFor(settled).getMet());
    Signal signal = eventfds.getSignal(APIGetSignalRequest.newBuilder().sb(S).signal(sent).build());
    Vm freed = vms.getVm(get);
    print(signal.getOutcome(), freed.getState(), freed.getReleasedSeq() > signal.getFinalSeq());

    // A script is text, and so is its answer: a line for each operation
    String script = "eventfd_create e 7\neventfd_read e\n";
    print(
        scripts
            .runScript(APIRunScriptRequest.newBuilder().sb(S).body(script).build())
            .stripTrailing());

    var leaked =
        sandboxes.deleteSandbox(APIDeleteSandboxRequest.newBuilder().sb(S).build()).getLeaked();
    print(leaked.getVms().size(), leaked.getEventfds().getFirst());
  }
}
