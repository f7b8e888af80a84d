package virq

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Point is where a breakpoint can hold a thread: inject.enter, inject.locked, inject.dereferenced, inject.lowered,
// hup.unhooked, hup.flushed, disconnect.swapped, disconnect.unlisted, sync.begin, sync.flipped, sync.end, put.vm, free.irqfd,
// assign.listed, assign.beforeFput, release.begin. GET /v1/points says what each is.
type Point string

// Outcome is what became of a signal. Of one that is held while its VM closes: at inject.enter or inject.locked it has not
// read the VM yet and ends DROPPED_VM_GONE; from inject.dereferenced on it ends INJECTED.
type Outcome string

// What becomes of a signal.
const (
	// Injected has reached the VM; the line status says what the interrupt controller made of it.
	Injected Outcome = "INJECTED"
	// CoalescedPending was merged into an injection that was queued already.
	CoalescedPending Outcome = "COALESCED_PENDING"
	// IgnoredUnrouted is of a line that leads nowhere: consumed, nothing else.
	IgnoredUnrouted Outcome = "IGNORED_UNROUTED"
	// DroppedDeactivated: the irqfd was severed, by hang-up or de-assign, before the injection read the VM.
	DroppedDeactivated Outcome = "DROPPED_DEACTIVATED"
	// DroppedVMGone: the irqfd was severed by the VM's close before the injection read the VM.
	DroppedVMGone Outcome = "DROPPED_VM_GONE"
	// NotBound stays in the counter, as no irqfd was bound.
	NotBound Outcome = "NOT_BOUND"
	// Failed is a bug of virq; never expected.
	Failed Outcome = "FAILED"
)

// LineStatus is what the interrupt controller made of an injection.
type LineStatus string

// What becomes of an injection.
const (
	// Delivered: a vCPU has accepted it, or it is latched.
	Delivered LineStatus = "DELIVERED"
	// Coalesced: merged with a request that is not acknowledged yet.
	Coalesced LineStatus = "COALESCED"
	// Ignored: the pin is masked, the line still waits for the end of the last interrupt, or it leads nowhere.
	Ignored LineStatus = "IGNORED"
)

// VMState is OPEN, CLOSING while something still refers to it, or RELEASED.
type VMState string

// EventfdState is OPEN; a closed one is gone: EBADF.
type EventfdState string

// IrqfdState is ACTIVE, then UNHOOKED, FLUSHING, DISCONNECTED, GRACE, and at last FREED, which is what "released" means of
// an irqfd.
type IrqfdState string

// BreakpointState is ARMED, PARKED while it holds a thread, DONE after its last hit, or EXPIRED when nobody released it in
// time.
type BreakpointState string

// Signal is one write to an eventfd. Outcome is empty until it is settled.
type Signal struct {
	ID           string     `json:"id"`
	Seq          int64      `json:"seq"`
	Eventfd      string     `json:"eventfd"`
	CounterAfter uint64     `json:"counterAfter,string"`
	Settled      bool       `json:"settled"`
	Outcome      Outcome    `json:"outcome"`
	FinalSeq     int64      `json:"finalSeq"`
	LineStatus   LineStatus `json:"lineStatus"`
	Injection    *Injection `json:"injection"`
	Pending      []Pending  `json:"pending"`
	HeldBy       []Held     `json:"heldBy"`
}

// Injection is how an injection went.
type Injection struct {
	Worker      string `json:"worker"`
	QueuedNanos int64  `json:"queuedNanos"`
	LockNanos   int64  `json:"lockNanos"`
	TotalNanos  int64  `json:"totalNanos"`
}

// CloseReport is what a close did. Not settled: it has begun and goes on, and must not be repeated; what only its end can
// tell is nil then, how long it took and how many readers it waited for.
type CloseReport struct {
	LastReference    bool      `json:"lastReference"`
	Released         []string  `json:"released"`
	VMRefsDropped    int64     `json:"vmRefsDropped"`
	VMFreed          []string  `json:"vmFreed"`
	GracePeriodNanos *int64    `json:"gracePeriodNanos"`
	FlushNanos       *int64    `json:"flushNanos"`
	WaitedForReaders *int64    `json:"waitedForReaders"`
	Settled          bool      `json:"settled"`
	Pending          []Pending `json:"pending"`
	HeldBy           []Held    `json:"heldBy"`
	Seq              int64     `json:"seq"`
}

// VMInfo is a VM: State is OPEN, CLOSING or RELEASED.
type VMInfo struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Irqchip     string  `json:"irqchip"`
	State       VMState `json:"state"`
	Refs        int64   `json:"refs"`
	Irqfds      int64   `json:"irqfds"`
	Seq         int64   `json:"seq"`
	ReleasedSeq int64   `json:"releasedSeq"`
}

// EventfdInfo is an eventfd and its descriptors.
type EventfdInfo struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	FDs     []int        `json:"fds"`
	Counter uint64       `json:"counter,string"`
	Flags   []string     `json:"flags"`
	BoundTo *Binding     `json:"boundTo"`
	State   EventfdState `json:"state"`
	Seq     int64        `json:"seq"`
}

// Binding says what an eventfd is bound to.
type Binding struct {
	Irqfd string `json:"irqfd"`
	VM    string `json:"vm"`
	GSI   uint32 `json:"gsi"`
}

// IrqfdInfo is an irqfd: State is ACTIVE at first and FREED at last.
type IrqfdInfo struct {
	ID        string     `json:"id"`
	VM        string     `json:"vm"`
	Eventfd   string     `json:"eventfd"`
	GSI       uint32     `json:"gsi"`
	Resample  bool       `json:"resample"`
	State     IrqfdState `json:"state"`
	Callbacks int64      `json:"callbacks"`
	Queued    int64      `json:"queued"`
	Coalesced int64      `json:"coalesced"`
	Injected  int64      `json:"injected"`
	Severed   int64      `json:"severed"`
	InFlight  int64      `json:"inFlight"`
	Seq       int64      `json:"seq"`
}

// GSI is an interrupt line and its counters.
type GSI struct {
	GSI       uint32           `json:"gsi"`
	Routed    bool             `json:"routed"`
	Level     int              `json:"level"`
	Pending   int64            `json:"pending"`
	Signalled int64            `json:"signalled"`
	Injected  int64            `json:"injected"`
	Coalesced int64            `json:"coalesced"`
	Ignored   int64            `json:"ignored"`
	Dropped   int64            `json:"dropped"`
	Status    LineStatusCounts `json:"status"`
	Raises    int64            `json:"raises"`
	Lowers    int64            `json:"lowers"`
	LastSeq   int64            `json:"lastSeq"`
}

// LineStatusCounts is what the chips made of a line's injections.
type LineStatusCounts struct {
	Delivered int64 `json:"delivered"`
	Coalesced int64 `json:"coalesced"`
	Ignored   int64 `json:"ignored"`
}

// BreakpointInfo is a breakpoint: State is ARMED, PARKED, DONE or EXPIRED (then nobody released it in time).
type BreakpointInfo struct {
	ID       string          `json:"id"`
	Point    string          `json:"point"`
	State    BreakpointState `json:"state"`
	HitCount int64           `json:"hitCount"`
	Parked   []Held          `json:"parked"`
	Seq      int64           `json:"seq"`
}

// VCPUInfo is a vCPU: RunState is RUNNABLE, PARKED after INIT until a start-up message, or as the host has set it.
type VCPUInfo struct {
	ID         int    `json:"id"`
	RunState   string `json:"runState"`
	NMIPending int    `json:"nmiPending"`
	NMIMasked  bool   `json:"nmiMasked"`
	Seq        int64  `json:"seq"`
}

// LAPIC has the registers of a local APIC: IRR are the vectors that wait, ISR those in service, TMR those last accepted as
// level-triggered.
type LAPIC struct {
	ID   uint32 `json:"id"`
	SVR  uint32 `json:"svr"`
	TPR  uint32 `json:"tpr"`
	PPR  uint32 `json:"ppr"`
	LDR  uint32 `json:"ldr"`
	DFR  uint32 `json:"dfr"`
	LVT0 uint32 `json:"lvt0"`
	LVT1 uint32 `json:"lvt1"`
	IRR  []int  `json:"irr"`
	ISR  []int  `json:"isr"`
	TMR  []int  `json:"tmr"`
}

// IOAPICPin is a pin of the I/O APIC; RemoteIRR: a level interrupt was accepted and has not ended.
type IOAPICPin struct {
	Pin          int    `json:"pin"`
	Vector       int    `json:"vector"`
	DeliveryMode string `json:"deliveryMode"`
	DestMode     string `json:"destMode"`
	DestID       int    `json:"destId"`
	Polarity     string `json:"polarity"`
	TriggerMode  string `json:"triggerMode"`
	Mask         bool   `json:"mask"`
	RemoteIRR    bool   `json:"remoteIrr"`
}

// GuestAnswer is what came of an acknowledgement or an end of interrupt: Vector is nil if there was none, Resampled are the
// irqfds whose resample eventfd was signalled.
type GuestAnswer struct {
	Vector    *int     `json:"vector"`
	Resampled []string `json:"resampled"`
	Handled   bool     `json:"handled"`
	NMIs      int      `json:"nmis"`
	Seq       int64    `json:"seq"`
}

// Held is a thread held at a breakpoint.
type Held struct {
	Breakpoint string   `json:"breakpoint"`
	Point      string   `json:"point"`
	Thread     string   `json:"thread"`
	CPU        int      `json:"cpu"`
	Signal     string   `json:"signal"`
	Since      string   `json:"since"`
	Holds      []string `json:"holds"`
}

// Pending is something under way, and the stage that it is in.
type Pending struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Since string `json:"since"`
	Stage string `json:"stage"`
}

// Met is what a wait saw.
type Met struct {
	Seq          int64 `json:"seq"`
	ElapsedNanos int64 `json:"elapsedNanos"`
	Observed     struct {
		UpToSeq     int64  `json:"upToSeq"`
		Parked      int64  `json:"parked"`
		Injected    int64  `json:"injected"`
		State       string `json:"state"`
		ReleasedSeq int64  `json:"releasedSeq"`
	} `json:"observed"`
}

// ScriptResult is the result of one line of a script. Decode Value into what the operation returns; numbers go up to
// 2^64-1.
type ScriptResult struct {
	Op    string          `json:"op"`
	OK    bool            `json:"ok"`
	Errno Errno           `json:"errno"`
	Value json.RawMessage `json:"value"`
}

// TeardownReport is what the end of a sandbox found.
type TeardownReport struct {
	Leaked                Leaked           `json:"leaked"`
	Released              map[string]int64 `json:"released"`
	PendingSignalsDropped int64            `json:"pendingSignalsDropped"`
	GracePeriods          map[string]int64 `json:"gracePeriods"`
	ElapsedNanos          int64            `json:"elapsedNanos"`
	Seq                   int64            `json:"seq"`
	// UID is the life that a reset began.
	UID string `json:"uid"`
}

// Leaked has the ids of what was not closed.
type Leaked struct {
	VMs         []string `json:"vms"`
	Eventfds    []string `json:"eventfds"`
	Irqfds      []string `json:"irqfds"`
	Breakpoints []string `json:"breakpoints"`
}

// Empty is whether everything was closed.
func (l Leaked) Empty() bool { return l.String() == "" }

// String names the ids by kind.
func (l Leaked) String() string {
	var kinds []string
	add := func(kind string, ids []string) {
		if len(ids) > 0 {
			kinds = append(kinds, fmt.Sprintf("%s %s", kind, strings.Join(ids, " ")))
		}
	}
	add("vms", l.VMs)
	add("eventfds", l.Eventfds)
	add("irqfds", l.Irqfds)
	add("breakpoints", l.Breakpoints)
	return strings.Join(kinds, ", ")
}
