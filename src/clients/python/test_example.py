import pytest

from virq import VirqError


def test_vm_closed_while_a_reader_is_held(sandbox):
    vm = sandbox.create_vm()
    eventfd = sandbox.create_eventfd()
    irqfd = vm.assign(eventfd, gsi=5)

    # An injection has picked up the VM, and is held there.
    held = sandbox.set_breakpoint("inject.dereferenced", irqfd=irqfd)
    signal = eventfd.signal()
    held.wait_parked()

    # The close takes the irqfd off its list, and cannot free the VM.
    assert not vm.close(wait=False).settled
    with pytest.raises(VirqError) as refused:
        sandbox.wait_settled()
    assert refused.value.errno == "EDEADLK"
    assert refused.value.held_by[0]["breakpoint"] == held.id
    assert vm.get().state == "CLOSING"

    # Released, the reader injects; only then is the VM freed.
    held.release()
    sandbox.wait_settled()
    signal = sandbox.get_signal(signal)
    assert signal.outcome == "INJECTED"
    assert vm.get().state == "RELEASED"
    assert vm.get().released_seq > signal.final_seq

    # What a test leaves open fails it.
    eventfd.close()
