package virq_test

import (
	"errors"
	"testing"

	"virq.dev/virq"
)

func TestVMClosedWhileAReaderIsHeld(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVM())
	eventfd := virq.Must(sandbox.CreateEventfd())
	irqfd := virq.Must(vm.Assign(eventfd, 5))

	// An injection has picked up the VM, and is held there.
	held := virq.Must(sandbox.SetBreakpoint("inject.dereferenced", virq.Hold{Irqfd: irqfd}))
	signal := virq.Must(eventfd.Signal(1))
	virq.Must(held.WaitParked())

	// The close takes the irqfd off its list, and cannot free the VM.
	if report := virq.Must(vm.Close(virq.NoWait)); report.Settled {
		t.Errorf("closed in spite of the reader: %+v", report)
	}
	if _, err := sandbox.WaitSettled(); !errors.Is(err, virq.Errno("EDEADLK")) {
		t.Errorf("the wait ended with %v", err)
	}
	if state := virq.Must(vm.Get()).State; state != "CLOSING" {
		t.Errorf("VM is %s", state)
	}

	// Released, the reader injects; only then is the VM freed.
	virq.Must(held.Release())
	virq.Must(sandbox.WaitSettled())
	signal = virq.Must(sandbox.GetSignal(signal.ID))
	freed := virq.Must(vm.Get())
	if signal.Outcome != "INJECTED" || freed.State != "RELEASED" || freed.ReleasedSeq <= signal.FinalSeq {
		t.Errorf("signal %+v, VM %+v", signal, freed)
	}

	// What a test leaves open fails it.
	virq.Must(eventfd.Close())
}
