package virq_test

import (
	"reflect"
	"testing"
	"time"

	"virq.dev/virq"
)

func TestLevelTriggeredRound(t *testing.T) {
	sandbox := virq.NewSandbox(t)

	// The guest: a vCPU, its local APIC enabled, and a level entry with vector 65.
	vm := virq.Must(sandbox.CreateVM())
	vcpu := virq.Must(vm.CreateVCPU(0))
	virq.Must(vcpu.SetLAPIC(map[string]any{"svr": 0x1ff}))
	virq.Must(vm.SetPin(16, map[string]any{"vector": 65, "triggerMode": "LEVEL", "mask": false}))

	// The device: one eventfd asserts, the other is signalled when the guest is done.
	device := virq.Must(sandbox.CreateEventfd())
	done := virq.Must(sandbox.CreateEventfd())
	irqfd := virq.Must(vm.AssignLevel(device, 16, done))

	// Assert: the line goes up and stays up, the vector waits in the local APIC.
	signal := virq.Must(device.Signal(1, virq.Settled))
	if signal.Outcome != virq.Injected || signal.LineStatus != virq.Delivered {
		t.Errorf("signal %+v", signal)
	}
	if level := virq.Must(vm.GSI(16)).Level; level != 1 {
		t.Error(level)
	}
	if waiting := virq.Must(vcpu.LAPIC()).IRR; !reflect.DeepEqual(waiting, []int{65}) {
		t.Error(waiting)
	}

	// Acknowledge, serve the device, end the interrupt.
	if vector := virq.Must(vcpu.Ack()); vector != 65 {
		t.Error(vector)
	}
	if ended := virq.Must(vcpu.EOI()); !reflect.DeepEqual(ended.Resampled, []string{irqfd.ID}) {
		t.Errorf("%+v", ended)
	}

	// The line is low again, and the device has its event.
	if events := virq.Must(done.Read(virq.Timeout(5 * time.Second))); events != 1 {
		t.Error(events)
	}
	if level := virq.Must(vm.GSI(16)).Level; level != 0 {
		t.Error(level)
	}

	// What a test leaves open fails it.
	virq.Must(device.Close())
	virq.Must(done.Close())
	virq.Must(vm.Close())
}
