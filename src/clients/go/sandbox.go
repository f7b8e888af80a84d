package virq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Sandbox is a machine of the test's own.
type Sandbox struct {
	Name string
	// UID is its life; another one after a reset. A call that meets another life than this one is ESTALE.
	UID    string
	client *Client
	report *TeardownReport
}

// Do makes a call below this sandbox, as in sandbox.Do("POST", "/vms/vm-1/vcpus", nil, map[string]any{"id": 0}, &vcpu).
func (s *Sandbox) Do(method, path string, query url.Values, body, answer any) error {
	text, err := s.client.send(method, "/v1/sandboxes/"+s.Name+path, query, body, s.UID)
	if err != nil {
		return err
	}
	if path == "/reset" {
		begun := struct{ UID string }{}
		if err := json.Unmarshal(text, &begun); err != nil {
			return err
		}
		s.UID = begun.UID
	}
	return decode(text, answer)
}

// CreateVM opens a VM with the interrupt controllers of the kernel.
func (s *Sandbox) CreateVM() (*VM, error) { return s.CreateVMWith(map[string]any{}) }

// CreateVMWith opens a VM with settings of the API, such as irqchip: KERNEL, SPLIT or NONE.
func (s *Sandbox) CreateVMWith(settings map[string]any) (*VM, error) {
	vm := &VM{sandbox: s}
	return vm, s.Do("POST", "/vms", nil, settings, vm)
}

// CreateEventfd opens an eventfd whose counter is 0; flags are SEMAPHORE and NONBLOCK.
func (s *Sandbox) CreateEventfd(flags ...string) (*Eventfd, error) {
	return s.CreateEventfdWith(0, flags...)
}

// CreateEventfdWith opens an eventfd whose counter is initval.
func (s *Sandbox) CreateEventfdWith(initval uint64, flags ...string) (*Eventfd, error) {
	var info EventfdInfo
	body := map[string]any{"initval": strconv.FormatUint(initval, 10)}
	if len(flags) > 0 {
		body["flags"] = flags
	}
	if err := s.Do("POST", "/eventfds", nil, body, &info); err != nil {
		return nil, err
	}
	return &Eventfd{ID: info.ID, FD: info.FDs[0], sandbox: s}, nil
}

// Hold says which threads a breakpoint holds, and for how long; what is zero is left out. A thread has to match all of
// VM, Irqfd, Eventfd and GSI that are given.
type Hold struct {
	VM      *VM
	Irqfd   *Irqfd
	Eventfd *Eventfd
	GSI     *uint32
	// Skip is how many threads pass first.
	Skip int
	// Hits is how many are held after that; 1 when left out.
	Hits int
	// MaxHold is after how long a thread is let go by itself; 30 s when left out.
	MaxHold time.Duration
	// Delay makes threads lose time instead of holding them.
	Delay time.Duration
}

// SetBreakpoint holds threads at a point of GET /v1/points: the next one, or those that the one Hold describes.
func (s *Sandbox) SetBreakpoint(point Point, holds ...Hold) (*Breakpoint, error) {
	if len(holds) > 1 {
		return nil, fmt.Errorf("SetBreakpoint takes one Hold, not %d: a breakpoint has one match", len(holds))
	}
	body := map[string]any{"point": point}
	for _, hold := range holds {
		match := map[string]any{}
		if hold.VM != nil {
			match["vm"] = hold.VM.ID
		}
		if hold.Irqfd != nil {
			match["irqfd"] = hold.Irqfd.ID
		}
		if hold.Eventfd != nil {
			match["eventfd"] = hold.Eventfd.ID
		}
		if hold.GSI != nil {
			match["gsi"] = *hold.GSI
		}
		if len(match) > 0 {
			body["match"] = match
		}
		if hold.Skip != 0 {
			body["skip"] = hold.Skip
		}
		if hold.Hits != 0 {
			body["hits"] = hold.Hits
		}
		if hold.MaxHold != 0 {
			body["maxHold"] = duration(hold.MaxHold)
		}
		if hold.Delay != 0 {
			body["action"], body["delay"] = "DELAY", duration(hold.Delay)
		}
	}
	breakpoint := &Breakpoint{sandbox: s}
	return breakpoint, s.Do("POST", "/breakpoints", nil, body, breakpoint)
}

// GetSignal is a signal as it is now.
func (s *Sandbox) GetSignal(id string) (signal Signal, err error) {
	err = s.Do("GET", "/signals/"+id, nil, nil, &signal)
	return signal, err
}

// RunScript runs one operation a line, with a result a line.
func (s *Sandbox) RunScript(script string) ([]ScriptResult, error) {
	var text []byte
	if err := s.Do("POST", "/scripts", nil, script, &text); err != nil {
		return nil, err
	}
	var results []ScriptResult
	for lines := json.NewDecoder(bytes.NewReader(text)); lines.More(); {
		var result ScriptResult
		if err := lines.Decode(&result); err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

// Wait waits until everything is settled or parked, or something is injected or released; members are those of POST
// …/wait, and Timeout is the only option. A wait for settled or released is refused with EDEADLK at once when a breakpoint
// stands in the way; each with ETIMEDOUT when it does not come.
func (s *Sandbox) Wait(what string, members map[string]any, options ...Option) (met Met, err error) {
	timeout, err := timeoutOf(options)
	if err != nil {
		return met, err
	}
	body := map[string]any{"for": what}
	if timeout != "" {
		body["timeout"] = timeout
	}
	for name, value := range members {
		if _, twice := body[name]; twice {
			return met, fmt.Errorf("Wait: %q is given twice, by an argument and as a member", name)
		}
		body[name] = value
	}
	err = s.Do("POST", "/wait", nil, body, &met)
	return met, err
}

// WaitSettled waits until every signal has its outcome and every close is over: what has not come by then never will.
func (s *Sandbox) WaitSettled(options ...Option) (Met, error) {
	return s.Wait("settled", nil, options...)
}

// WaitParked waits until whatever is under way is over or held at a breakpoint.
func (s *Sandbox) WaitParked(options ...Option) (Met, error) {
	return s.Wait("parked", nil, options...)
}

// Reset empties it; numbers start again at 1.
func (s *Sandbox) Reset() (report TeardownReport, err error) {
	err = s.Do("POST", "/reset", nil, nil, &report)
	return report, err
}

// Delete ends it, once; later calls return the same report.
func (s *Sandbox) Delete() (TeardownReport, error) {
	if s.report == nil {
		var report TeardownReport
		if err := s.Do("DELETE", "", nil, nil, &report); err != nil {
			return report, err
		}
		s.report = &report
	}
	return *s.report, nil
}

// held names the threads that breakpoints hold, for the message about what is left open.
func (s *Sandbox) held() string {
	var page struct{ Items []BreakpointInfo }
	if s.report != nil || s.Do("GET", "/breakpoints", nil, nil, &page) != nil {
		return ""
	}
	said := ""
	for _, one := range page.Items {
		for _, thread := range one.Parked {
			what := thread.Signal
			if what == "" {
				what = thread.Thread
			}
			said += fmt.Sprintf("; %s still held %s at %s: release it", thread.Breakpoint, what, thread.Point)
		}
	}
	return said
}

// VM is a virtual machine.
type VM struct {
	ID      string `json:"id"`
	sandbox *Sandbox
}

// Get is the VM as it is now, also after its release.
func (v *VM) Get() (info VMInfo, err error) {
	err = v.sandbox.Do("GET", "/vms/"+v.ID, nil, nil, &info)
	return info, err
}

var errNoEventfd = errors.New("the eventfd is nil: the call that was to make it failed, or was not made")

// Assign binds an eventfd to a line.
func (v *VM) Assign(eventfd *Eventfd, gsi uint32) (*Irqfd, error) {
	if eventfd == nil {
		return nil, errNoEventfd
	}
	return v.assign(map[string]any{"eventfd": eventfd.ID, "gsi": gsi})
}

// AssignFD binds whatever a descriptor is open on to a line.
func (v *VM) AssignFD(fd int, gsi uint32) (*Irqfd, error) {
	return v.assign(map[string]any{"fd": fd, "gsi": gsi})
}

// AssignLevel binds an eventfd to a level-triggered line: it stays up until the guest's end of interrupt, which signals
// resample.
func (v *VM) AssignLevel(eventfd *Eventfd, gsi uint32, resample *Eventfd) (*Irqfd, error) {
	if eventfd == nil || resample == nil {
		return nil, errNoEventfd
	}
	flags := []string{"RESAMPLE"}
	return v.assign(map[string]any{"eventfd": eventfd.ID, "gsi": gsi, "flags": flags, "resampleEventfd": resample.ID})
}

func (v *VM) assign(body map[string]any) (*Irqfd, error) {
	irqfd := &Irqfd{VM: v}
	var info IrqfdInfo
	err := v.sandbox.Do("POST", "/vms/"+v.ID+"/irqfds", nil, body, &info)
	irqfd.ID = info.ID
	return irqfd, err
}

// GSI is a line and its counters.
func (v *VM) GSI(gsi uint32) (line GSI, err error) {
	err = v.sandbox.Do("GET", "/vms/"+v.ID+"/gsis/"+strconv.FormatUint(uint64(gsi), 10), nil, nil, &line)
	return line, err
}

// SetLine sets a line as KVM_IRQ_LINE_STATUS does: > 0 delivered, 0 coalesced, -1 ignored.
func (v *VM) SetLine(gsi uint32, level int) (int, error) {
	var status struct{ Status int }
	path := "/vms/" + v.ID + "/gsis/" + strconv.FormatUint(uint64(gsi), 10) + "/line"
	err := v.sandbox.Do("PUT", path, nil, map[string]int{"level": level}, &status)
	return status.Status, err
}

// WaitInjected waits for at least so many injections into a line.
func (v *VM) WaitInjected(gsi uint32, atLeast int64, options ...Option) (Met, error) {
	return v.sandbox.Wait("injected", map[string]any{"vm": v.ID, "gsi": gsi, "atLeast": atLeast}, options...)
}

// WaitReleased waits until it is destroyed.
func (v *VM) WaitReleased(options ...Option) (Met, error) {
	return v.sandbox.Wait("released", map[string]any{"vm": v.ID}, options...)
}

// CreateVCPU makes a vCPU with its local APIC, which is off at first: SetLAPIC with svr 0x1ff enables it.
func (v *VM) CreateVCPU(id int) (*VCPU, error) {
	vcpu := &VCPU{ID: id, VM: v}
	return vcpu, v.sandbox.Do("POST", "/vms/"+v.ID+"/vcpus", nil, map[string]int{"id": id}, nil)
}

// Pin is a pin of the I/O APIC as it is now.
func (v *VM) Pin(pin int) (entry IOAPICPin, err error) {
	var chips struct{ IOAPIC struct{ Pins []IOAPICPin } }
	if err := v.sandbox.Do("GET", "/vms/"+v.ID+"/irqchip", nil, nil, &chips); err != nil {
		return entry, err
	}
	if pin < 0 || pin >= len(chips.IOAPIC.Pins) {
		return entry, fmt.Errorf("pin is %d: an integer in 0..%d is needed", pin, len(chips.IOAPIC.Pins)-1)
	}
	return chips.IOAPIC.Pins[pin], nil
}

// SetPin sets the entry of a pin of the I/O APIC, with members of the API such as vector, triggerMode (EDGE, LEVEL) and
// mask; what is left out stays as it is. A pin is masked at first.
func (v *VM) SetPin(pin int, members map[string]any) (entry IOAPICPin, err error) {
	err = v.sandbox.Do("PUT", "/vms/"+v.ID+"/irqchip/ioapic/pins/"+strconv.Itoa(pin), nil, members, &entry)
	return entry, err
}

// VCPU is a vCPU in the guest's part: it acknowledges interrupts and ends them.
type VCPU struct {
	ID int
	VM *VM
}

func (v *VCPU) do(method, path string, query url.Values, body, answer any) error {
	return v.VM.sandbox.Do(method, "/vms/"+v.VM.ID+"/vcpus/"+strconv.Itoa(v.ID)+path, query, body, answer)
}

// Get is the vCPU as it is now.
func (v *VCPU) Get() (info VCPUInfo, err error) {
	err = v.do("GET", "", nil, nil, &info)
	return info, err
}

// LAPIC is its local APIC as it is now.
func (v *VCPU) LAPIC() (registers LAPIC, err error) {
	err = v.do("GET", "/lapic", nil, nil, &registers)
	return registers, err
}

// SetLAPIC sets registers of its local APIC, with members of the API such as svr, whose bit 8 enables it; what is left
// out stays as it is.
func (v *VCPU) SetLAPIC(members map[string]any) (registers LAPIC, err error) {
	err = v.do("PUT", "/lapic", nil, members, &registers)
	return registers, err
}

// Ack takes the highest deliverable vector into service; -1 if there is none.
func (v *VCPU) Ack() (int, error) { return v.ack(nil) }

// AckPIC takes an interrupt of the 8259 pair into service; -1 if there is none.
func (v *VCPU) AckPIC() (int, error) { return v.ack(url.Values{"from": {"pic"}}) }

func (v *VCPU) ack(query url.Values) (int, error) {
	var answer GuestAnswer
	if err := v.do("POST", "/ack", query, nil, &answer); err != nil || answer.Vector == nil {
		return -1, err
	}
	return *answer.Vector, nil
}

// EOI ends the highest interrupt in service. A level-triggered line goes down if nobody else holds it up, and its resample
// eventfds are signalled: Resampled names their irqfds.
func (v *VCPU) EOI() (answer GuestAnswer, err error) {
	err = v.do("POST", "/eoi", nil, nil, &answer)
	return answer, err
}

// Close is close(2) on its descriptor. The report comes when the close is over, or after Timeout, or at once with NoWait or
// when a breakpoint holds it: it is not Settled then, and the close goes on. That is no error: look at Settled, or release
// the breakpoint and WaitReleased.
func (v *VM) Close(options ...Option) (CloseReport, error) {
	return v.sandbox.close("/vms/"+v.ID, options)
}

// Eventfd is an eventfd; FD is the first of its descriptors.
type Eventfd struct {
	ID      string
	FD      int
	sandbox *Sandbox
}

// Get is the eventfd as it is now; EBADF once closed. What it was bound to, its irqfd still tells.
func (e *Eventfd) Get() (info EventfdInfo, err error) {
	err = e.sandbox.Do("GET", "/eventfds/"+e.ID, nil, nil, &info)
	return info, err
}

// Signal is write(2). With Settled the answer has the outcome, unless a breakpoint holds it.
func (e *Eventfd) Signal(value uint64, options ...Option) (signal Signal, err error) {
	body := map[string]string{"value": strconv.FormatUint(value, 10)}
	err = e.sandbox.Do("POST", "/eventfds/"+e.ID+"/signal", chosen(options), body, &signal)
	return signal, err
}

// Read is read(2). Empty: EAGAIN, or with Timeout a wait that ends in ETIMEDOUT.
func (e *Eventfd) Read(options ...Option) (uint64, error) {
	var read struct {
		Value uint64 `json:",string"`
	}
	err := e.sandbox.Do("POST", "/eventfds/"+e.ID+"/read", chosen(options), nil, &read)
	return read.Value, err
}

// Dup is dup(2): the number of one more descriptor; EBADF once closed.
func (e *Eventfd) Dup() (int, error) {
	var descriptor struct{ FD int }
	err := e.sandbox.Do("POST", "/eventfds/"+e.ID+"/dup", nil, nil, &descriptor)
	return descriptor.FD, err
}

// Close is close(2) on all its descriptors; it waits as the close of a VM does.
func (e *Eventfd) Close(options ...Option) (CloseReport, error) {
	return e.sandbox.close("/eventfds/"+e.ID, options)
}

// CloseFD is close(2) on one descriptor; it waits as the close of a VM does.
func (s *Sandbox) CloseFD(fd int, options ...Option) (CloseReport, error) {
	return s.close("/eventfds/"+strconv.Itoa(fd), options)
}

func (s *Sandbox) close(path string, options []Option) (report CloseReport, err error) {
	err = s.Do("DELETE", path, chosen(options), nil, &report)
	if !report.Settled {
		// The zeros of a close that has not ended are no results.
		report.GracePeriodNanos, report.FlushNanos, report.WaitedForReaders = nil, nil, nil
	}
	return report, err
}

// Irqfd is the binding of an eventfd to a line of a VM.
type Irqfd struct {
	ID string
	VM *VM
}

// Get is the irqfd as it is now, also after its end.
func (i *Irqfd) Get() (info IrqfdInfo, err error) {
	err = i.VM.sandbox.Do("GET", "/irqfds/"+i.ID, nil, nil, &info)
	return info, err
}

// WaitInjected waits for at least so many injections by this irqfd.
func (i *Irqfd) WaitInjected(atLeast int64, options ...Option) (Met, error) {
	return i.VM.sandbox.Wait("injected", map[string]any{"irqfd": i.ID, "atLeast": atLeast}, options...)
}

// WaitReleased waits until it is freed: state FREED.
func (i *Irqfd) WaitReleased(options ...Option) (Met, error) {
	return i.VM.sandbox.Wait("released", map[string]any{"irqfd": i.ID}, options...)
}

// Close ends the binding; the eventfd stays open. It waits as the close of a VM does.
func (i *Irqfd) Close(options ...Option) (CloseReport, error) {
	return i.VM.sandbox.close("/vms/"+i.VM.ID+"/irqfds/"+i.ID, options)
}

// Breakpoint is a place where threads are held until released.
type Breakpoint struct {
	ID      string `json:"id"`
	sandbox *Sandbox
}

// Get is the breakpoint as it is now, and who is held at it.
func (b *Breakpoint) Get() (info BreakpointInfo, err error) {
	err = b.sandbox.Do("GET", "/breakpoints/"+b.ID, nil, nil, &info)
	return info, err
}

// WaitParked waits until a thread is held here.
func (b *Breakpoint) WaitParked(options ...Option) (Met, error) {
	return b.sandbox.Wait("parked", map[string]any{"breakpoint": b.ID}, options...)
}

// Release lets all of them go.
func (b *Breakpoint) Release() (info BreakpointInfo, err error) {
	err = b.sandbox.Do("POST", "/breakpoints/"+b.ID+"/release", nil, nil, &info)
	return info, err
}

// ReleaseSome lets so many of them go.
func (b *Breakpoint) ReleaseSome(threads int) (info BreakpointInfo, err error) {
	body := map[string]int{"threads": threads}
	err = b.sandbox.Do("POST", "/breakpoints/"+b.ID+"/release", nil, body, &info)
	return info, err
}

// Delete takes it away and lets everybody go.
func (b *Breakpoint) Delete() (info BreakpointInfo, err error) {
	err = b.sandbox.Do("DELETE", "/breakpoints/"+b.ID, nil, nil, &info)
	return info, err
}
