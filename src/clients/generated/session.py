"""The README's five steps with the client that the generator makes."""

import os

import virq_api
from virq_api.exceptions import ApiException

configuration = virq_api.Configuration(
    host=os.environ["VIRQ_URL"], access_token=os.environ.get("VIRQ_TOKEN")
)
client = virq_api.ApiClient(configuration)
sandboxes = virq_api.SandboxesApi(client)
vms = virq_api.VMsApi(client)
eventfds = virq_api.EventfdsApi(client)
irqfds = virq_api.IrqfdsApi(client)
breakpoints = virq_api.BreakpointsApi(client)
wait = virq_api.WaitApi(client)
scripts = virq_api.ScriptsApi(client)

S = "generated-python"
sandboxes.ensure_sandbox(S, sandbox_request=virq_api.SandboxRequest(ttl="PT2M"))
vm = vms.create_vm(S)
eventfd = eventfds.create_eventfd(S)
binding = virq_api.IrqfdRequest(fd=eventfd.fds[0], gsi=5)
irqfd = irqfds.assign_irqfd(S, vm.id, binding)
print(vm.id, eventfd.fds[0], irqfd.id, irqfd.state)

# 1. CPU 0 picks up the pointer, and is held there
held = breakpoints.create_breakpoint(S, virq_api.BreakpointRequest(point="inject.dereferenced"))
signal = eventfds.signal_eventfd(S, str(eventfd.fds[0]))
parked = wait.wait_for(S, virq_api.WaitRequest(var_for="parked", breakpoint=held.id))
print(held.id, signal.id, parked.met)

# 2. CPU 1 takes the object off its list; synchronize_srcu cannot return
print(vms.close_vm(S, vm.id, wait="none").settled)
try:
    wait.wait_for(S, virq_api.WaitRequest(var_for="settled"))
except ApiException as refused:
    problem = refused.data
    print(problem.status, problem.errno, problem.held_by[0].breakpoint, problem.pending[1].stage)
closing = vms.get_vm(S, vm.id)
print(closing.state, closing.refs)

# 3. CPU 0 takes the lock, injects, and leaves the read section
print(breakpoints.release_breakpoint(S, held.id).id)

# 4. The grace period ends. 5. The VM is freed
print(wait.wait_for(S, virq_api.WaitRequest(var_for="settled")).met)
signal = eventfds.get_signal(S, signal.id)
freed = vms.get_vm(S, vm.id)
print(signal.outcome, freed.state, freed.released_seq > signal.final_seq)

# A script is text, and so is its answer: a line for each operation
script = "eventfd_create e 7\neventfd_read e\n"
print(scripts.run_script(S, script, _headers={"Accept": "text/plain"}), end="")

leaked = sandboxes.delete_sandbox(S).leaked
print(len(leaked.vms), leaked.eventfds[0])
