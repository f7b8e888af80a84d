package virq_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"virq.dev/virq"
)

func TestActionsThatABreakpointHoldsAreNotSettled(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVM())
	eventfd := virq.Must(sandbox.CreateEventfd())
	irqfd := virq.Must(vm.Assign(eventfd, 5))
	gsi := uint32(5)
	hold := virq.Hold{VM: vm, Irqfd: irqfd, Eventfd: eventfd, GSI: &gsi, Hits: 1, MaxHold: time.Minute}
	held := virq.Must(sandbox.SetBreakpoint("inject.dereferenced", hold))

	signal := virq.Must(eventfd.Signal(1, virq.Settled))
	if signal.Settled || signal.HeldBy[0].Breakpoint != held.ID {
		t.Errorf("signal %+v", signal)
	}
	if info := virq.Must(held.Get()); info.State != "PARKED" || info.HitCount != 1 {
		t.Errorf("breakpoint %+v", info)
	}
	report := virq.Must(vm.Close())
	if report.Settled || report.HeldBy[0].Breakpoint != held.ID || report.Pending[0].Stage != "GRACE" {
		t.Errorf("close %+v", report)
	}
	var refused *virq.Error
	if _, err := sandbox.WaitSettled(); !errors.As(err, &refused) {
		t.Fatalf("the wait ended with %v", err)
	}
	if refused.Errno != "EDEADLK" || refused.Status != 409 || refused.HeldBy[0].Breakpoint != held.ID {
		t.Errorf("refusal %+v", refused)
	}

	virq.Must(held.ReleaseSome(1))
	virq.Must(vm.WaitReleased())
	if outcome := virq.Must(sandbox.GetSignal(signal.ID)).Outcome; outcome != "INJECTED" {
		t.Error(outcome)
	}
	if state := virq.Must(irqfd.Get()).State; state != "FREED" {
		t.Error(state)
	}
	virq.Must(held.Delete())
	virq.Must(eventfd.Close())
}

func TestValuesOf64BitsAreExact(t *testing.T) {
	const most = math.MaxUint64 - 1
	sandbox := virq.NewSandbox(t)
	eventfd := virq.Must(sandbox.CreateEventfdWith(5))
	if read := virq.Must(eventfd.Read()); read != 5 {
		t.Error(read)
	}
	if signal := virq.Must(eventfd.Signal(most, virq.Settled)); signal.CounterAfter != most {
		t.Errorf("%+v", signal)
	}
	if info := virq.Must(eventfd.Get()); info.Counter != most {
		t.Errorf("%+v", info)
	}
	if read := virq.Must(eventfd.Read(virq.Timeout(time.Second))); read != most {
		t.Error(read)
	}
	virq.Must(eventfd.Close())
}

func TestWaitsAndCounters(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVMWith(map[string]any{"name": "guest"}))
	eventfd := virq.Must(sandbox.CreateEventfd("NONBLOCK"))
	irqfd := virq.Must(vm.AssignFD(eventfd.FD, 5))
	if bound := virq.Must(eventfd.Get()).BoundTo; bound == nil || bound.Irqfd != irqfd.ID {
		t.Errorf("%+v", bound)
	}
	if outcome := virq.Must(eventfd.Signal(1, virq.Settled)).Outcome; outcome != "INJECTED" {
		t.Error(outcome)
	}
	if met := virq.Must(irqfd.WaitInjected(1)); met.Observed.Injected != 1 {
		t.Errorf("%+v", met)
	}
	virq.Must(vm.WaitInjected(5, 1))
	if line := virq.Must(vm.GSI(5)); line.Injected != 1 {
		t.Errorf("%+v", line)
	}
	if _, err := irqfd.WaitInjected(2, virq.Timeout(time.Millisecond)); !errors.Is(err, virq.Errno("ETIMEDOUT")) {
		t.Error(err)
	}
	virq.Must(sandbox.WaitParked())

	if released := virq.Must(irqfd.Close()).Released; len(released) != 1 || released[0] != irqfd.ID {
		t.Error(released)
	}
	virq.Must(irqfd.WaitReleased())
	if outcome := virq.Must(eventfd.Signal(1, virq.Settled)).Outcome; outcome != "NOT_BOUND" {
		t.Error(outcome)
	}
	if status := virq.Must(vm.SetLine(5, 1)); status < 0 {
		t.Error(status)
	}
	if report := virq.Must(sandbox.CloseFD(virq.Must(eventfd.Dup()))); report.LastReference {
		t.Errorf("%+v", report)
	}
	if report := virq.Must(eventfd.Close()); !report.LastReference {
		t.Errorf("%+v", report)
	}
	if freed := virq.Must(vm.Close()).VMFreed; len(freed) != 1 || freed[0] != vm.ID {
		t.Error(freed)
	}
}

func TestRefusalsCarryErrnoAndProblem(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVM())
	eventfd := virq.Must(sandbox.CreateEventfd())
	virq.Must(vm.Assign(eventfd, 5))
	_, err := vm.Assign(eventfd, 6)
	var refused *virq.Error
	if !errors.As(err, &refused) || refused.Errno != "EBUSY" || refused.Status != 409 {
		t.Fatalf("%v", err)
	}
	if !strings.HasPrefix(err.Error(), "EBUSY (409): ") || !strings.Contains(err.Error(), eventfd.ID) {
		t.Error(err)
	}
	var problem map[string]any
	if err := json.Unmarshal(refused.Problem, &problem); err != nil || problem["sandbox"] != sandbox.Name {
		t.Error(err, problem)
	}
	virq.Must(eventfd.Close())
	virq.Must(vm.Close())
}

func TestLevelTriggeredLinesAndCallsWithoutAMethod(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVM())
	device, done := virq.Must(sandbox.CreateEventfd()), virq.Must(sandbox.CreateEventfd())
	irqfd := virq.Must(vm.AssignLevel(device, 16, done))
	if !virq.Must(irqfd.Get()).Resample {
		t.Error("not level-triggered")
	}
	vcpu := struct{ RunState string }{}
	err := sandbox.Do("POST", "/vms/"+vm.ID+"/vcpus", nil, map[string]int{"id": 0}, &vcpu)
	if err != nil || vcpu.RunState == "" {
		t.Error(err, vcpu)
	}
	page := struct{ Items []virq.IrqfdInfo }{}
	err = sandbox.Do("GET", "/vms/"+vm.ID+"/irqfds", url.Values{"gsi": {"17"}}, nil, &page)
	if err != nil || len(page.Items) != 0 {
		t.Error(err, page)
	}
	virq.Must(device.Close())
	virq.Must(done.Close())
	virq.Must(vm.Close())
}

func TestTheGuestTakesAndEndsInterrupts(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVM())
	device, done := virq.Must(sandbox.CreateEventfd()), virq.Must(sandbox.CreateEventfd())
	vcpu := virq.Must(vm.CreateVCPU(0))
	if info := virq.Must(vcpu.Get()); info.RunState != "RUNNABLE" {
		t.Errorf("%+v", info)
	}
	if registers := virq.Must(vcpu.SetLAPIC(map[string]any{"svr": 0x1ff, "tpr": 0})); registers.SVR != 0x1ff {
		t.Errorf("%+v", registers)
	}
	if !virq.Must(vm.Pin(16)).Mask {
		t.Error("not masked")
	}
	entry := virq.Must(vm.SetPin(16, map[string]any{"vector": 65, "triggerMode": "LEVEL", "mask": false}))
	if entry.Pin != 16 || entry.Vector != 65 || entry.TriggerMode != "LEVEL" || entry.Mask {
		t.Errorf("%+v", entry)
	}
	if _, err := vm.Pin(24); err == nil || err.Error() != "pin is 24: an integer in 0..23 is needed" {
		t.Error(err)
	}
	if _, err := vm.SetPin(16, map[string]any{"trigger": "LEVEL"}); !errors.Is(err, virq.Errno("EINVAL")) {
		t.Error(err)
	}
	if vector := virq.Must(vcpu.Ack()); vector != -1 {
		t.Error(vector)
	}
	if vector := virq.Must(vcpu.AckPIC()); vector != -1 {
		t.Error(vector)
	}
	irqfd := virq.Must(vm.AssignLevel(device, 16, done))
	virq.Must(device.Signal(1, virq.Settled))
	if vector := virq.Must(vcpu.Ack()); vector != 65 || !virq.Must(vm.Pin(16)).RemoteIRR {
		t.Error(vector)
	}
	// While the line is high, a further signal is injected and ignored.
	further := virq.Must(device.Signal(1, virq.Settled))
	if further.Outcome != virq.Injected || further.LineStatus != virq.Ignored {
		t.Errorf("%+v", further)
	}
	ended := virq.Must(vcpu.EOI())
	if *ended.Vector != 65 || len(ended.Resampled) != 1 || ended.Resampled[0] != irqfd.ID {
		t.Errorf("%+v", ended)
	}
	if events := virq.Must(done.Read()); events != 1 {
		t.Error(events)
	}
	virq.Must(device.Close())
	virq.Must(done.Close())
	virq.Must(vm.Close())
}

func TestNothingIsPassedOver(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	vm := virq.Must(sandbox.CreateVM())
	refused := func(expected string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%v, not %q", err, expected)
		}
	}
	_, err := sandbox.SetBreakpoint("inject.enter", virq.Hold{VM: vm}, virq.Hold{Hits: 2})
	refused("takes one Hold, not 2", err)
	_, err = sandbox.WaitSettled(virq.NoWait)
	refused("no option but Timeout", err)
	_, err = sandbox.Wait("parked", map[string]any{"for": "settled"})
	refused(`"for" is given twice`, err)
	_, err = sandbox.Wait("parked", map[string]any{"timeout": "PT1S"}, virq.Timeout(time.Second))
	refused(`"timeout" is given twice`, err)
	_, err = sandbox.Wait("parked", map[string]any{"atleast": 1})
	refused("atleast", err)
	_, err = vm.Assign(nil, 5)
	refused("the eventfd is nil", err)
	_, err = vm.AssignLevel(nil, 5, nil)
	refused("the eventfd is nil", err)
	virq.Must(vm.Close())
}

func TestWhatIsHeldHasNoFiguresAndIsNamedWhenLeftOpen(t *testing.T) {
	test := &recorded{}
	sandbox := virq.NewSandbox(test)
	vm, eventfd := virq.Must(sandbox.CreateVM()), virq.Must(sandbox.CreateEventfd())
	virq.Must(vm.Assign(eventfd, 5))
	virq.Must(sandbox.SetBreakpoint("inject.dereferenced"))
	virq.Must(eventfd.Signal(1, virq.Settled))
	held := virq.Must(vm.Close())
	if held.Settled || held.WaitedForReaders != nil || held.GracePeriodNanos != nil || held.FlushNanos != nil {
		t.Errorf("%+v", held)
	}
	virq.Must(eventfd.Close())
	other := virq.Must(sandbox.CreateEventfd())
	if report := virq.Must(other.Close()); report.WaitedForReaders == nil || *report.WaitedForReaders != 0 {
		t.Errorf("%+v", report)
	}
	if _, err := eventfd.Get(); !errors.Is(err, virq.Errno("EBADF")) {
		t.Error(err)
	}
	test.end()
	if !strings.HasSuffix(test.said, "; bp-1 still held sig-1 at inject.dereferenced: release it") {
		t.Error(test.said)
	}
}

func TestAnAddressThatIsNoneIsExplained(t *testing.T) {
	for address, expected := range map[string]string{
		"127.0.0.1:8080":           `(VIRQ_URL) is "127.0.0.1:8080": it must begin with http:// or https://`,
		"localhost":                "must begin with http://",
		"http://127.0.0.1:8080/v1": "must not end in /v1, which is added to it",
	} {
		t.Setenv("VIRQ_URL", address)
		test := &recorded{}
		virq.NewSandbox(test)
		if !strings.Contains(test.said, expected) {
			t.Errorf("%s: %s", address, test.said)
		}
	}
}

func TestScriptAnswersLineByLine(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	const script = "eventfd_create e0 0\neventfd_write e0 18446744073709551614\neventfd_read e0\neventfd_read e0\n"
	results := virq.Must(sandbox.RunScript(script))
	if len(results) != 4 || !results[2].OK || string(results[2].Value) != "18446744073709551614" {
		t.Errorf("%+v", results)
	}
	if results[3].OK || results[3].Errno != "EAGAIN" || results[3].Op != "eventfd_read e0" {
		t.Errorf("%+v", results[3])
	}
}

func TestResetNumbersAnew(t *testing.T) {
	sandbox := virq.NewSandbox(t)
	virq.Must(sandbox.CreateVM())
	if leaked := virq.Must(sandbox.Reset()).Leaked; leaked.String() != "vms vm-1" {
		t.Error(leaked)
	}
	vm := virq.Must(sandbox.CreateVM())
	if vm.ID != "vm-1" {
		t.Error(vm.ID)
	}
	virq.Must(vm.Close())
}

// recorded is a test that keeps what is done with it.
type recorded struct {
	failed   bool
	said     string
	cleanups []func()
}

func (r *recorded) Helper()          {}
func (r *recorded) Name() string     { return "Recorded/Close [two Äpfel]" }
func (r *recorded) Failed() bool     { return r.failed }
func (r *recorded) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorded) Errorf(format string, arguments ...any) {
	r.failed = true
	r.said += fmt.Sprintf(format, arguments...)
}
func (r *recorded) Fatalf(format string, arguments ...any) { r.Errorf(format, arguments...) }

func (r *recorded) end() {
	for _, cleanup := range r.cleanups {
		cleanup()
	}
}

func TestWhatIsLeftOpenIsNamed(t *testing.T) {
	test := &recorded{}
	sandbox := virq.NewSandbox(test)
	vm := virq.Must(sandbox.CreateVM())
	eventfd := virq.Must(sandbox.CreateEventfd())
	irqfd := virq.Must(vm.Assign(eventfd, 5))
	armed := virq.Must(sandbox.SetBreakpoint("inject.enter"))
	test.end()
	for _, id := range []string{sandbox.Name, vm.ID, eventfd.ID, irqfd.ID, armed.ID} {
		if !strings.Contains(test.said, id) {
			t.Errorf("%s is not in %q", id, test.said)
		}
	}
	if _, err := sandbox.CreateVM(); !errors.Is(err, virq.Errno("ENOENT")) {
		t.Error(err)
	}
}

func TestWhoeverMayLeakDoesNotFailAndAFailureIsNotHidden(t *testing.T) {
	test := &recorded{}
	virq.Must(virq.NewSandbox(test, virq.AllowLeaks(), virq.TTL(time.Minute)).CreateVM())
	test.end()
	if test.failed {
		t.Error(test.said)
	}
	test = &recorded{}
	virq.Must(virq.NewSandbox(test).CreateVM())
	test.Errorf("the first")
	test.end()
	if test.said != "the first" {
		t.Error(test.said)
	}
}

func TestNamesAreLabels(t *testing.T) {
	client := virq.Connect()
	sandbox := virq.NewSandbox(&recorded{})
	name := strings.TrimPrefix(sandbox.Name, client.Prefix)
	if !regexp.MustCompile("^recorded-close-two-pfel-[0-9a-f]{8}$").MatchString(name) {
		t.Error(sandbox.Name)
	}
	virq.Must(sandbox.Delete())
	long := virq.Must(client.NewSandbox(strings.Repeat("x", 90), time.Minute))
	if len(long.Name) != 63 {
		t.Error(long.Name)
	}
	virq.Must(long.Delete())
}

func TestTokenAndPrefixAreSent(t *testing.T) {
	var path, token string
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, token = r.URL.Path, r.Header.Get("Authorization")
		http.Error(w, "no JSON", http.StatusForbidden)
	}))
	t.Setenv("VIRQ_URL", stub.URL+"/")
	t.Setenv("VIRQ_TOKEN", "secret")
	t.Setenv("VIRQ_PREFIX", "team-")
	_, err := virq.Connect().NewSandbox("mine", time.Minute)
	var refused *virq.Error
	if !errors.As(err, &refused) || refused.Status != 403 || refused.Detail != "no JSON\n" {
		t.Error(err)
	}
	if token != "Bearer secret" || !regexp.MustCompile("^/v1/sandboxes/team-mine-[0-9a-f]{8}$").MatchString(path) {
		t.Error(token, path)
	}
	stub.Close()
	test := &recorded{}
	virq.NewSandbox(test)
	if !strings.Contains(test.said, "no virq answers at "+stub.URL) {
		t.Error(test.said)
	}
}

func TestACallThatIsPutOffIsMadeAgain(t *testing.T) {
	answers := []int{429, 503, 200, 429, 429}
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(answers[0])
		answers = answers[1:]
		fmt.Fprint(w, `{"service":"virq"}`)
	}))
	defer stub.Close()
	t.Setenv("VIRQ_URL", stub.URL)
	client := virq.Connect()
	service := struct{ Service string }{}
	if err := client.Do("GET", "/v1", nil, nil, &service); err != nil || service.Service != "virq" || len(answers) != 2 {
		t.Error(err, service, answers)
	}
	client.Patience = 0
	var refused *virq.Error
	if err := client.Do("GET", "/v1", nil, nil, nil); !errors.As(err, &refused) || refused.Status != 429 || len(answers) != 1 {
		t.Error(err, answers)
	}
}

func TestAnotherLifeIsRefused(t *testing.T) {
	client := virq.Connect()
	sandbox := virq.Must(client.NewSandbox("lives", time.Minute))
	first := sandbox.UID
	if report := virq.Must(sandbox.Reset()); report.UID != sandbox.UID || sandbox.UID == first || first == "" {
		t.Error(first, sandbox.UID, report)
	}
	virq.Must(sandbox.CreateVM())
	path := "/v1/sandboxes/" + sandbox.Name
	if err := client.Do("POST", path+"/reset", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.CreateVM(); !errors.Is(err, virq.Errno("ESTALE")) {
		t.Error(err)
	}
	if err := client.Do("DELETE", path, nil, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestMustPanicsWithTheError(t *testing.T) {
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, virq.Errno("EINVAL")) {
			t.Error(err)
		}
	}()
	virq.Must(virq.NewSandbox(t).SetBreakpoint("nowhere"))
}
