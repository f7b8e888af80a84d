// The README's five steps with the client that the generator makes.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"virq.dev/session/api"
)

const sandbox = "generated-go"

// must gives what a call answers that has to succeed.
func must[T any](answer *T, _ *http.Response, err error) *T {
	if err != nil {
		panic(err)
	}
	return answer
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: os.Getenv("VIRQ_URL")}}
	client := api.NewAPIClient(configuration)
	ctx := context.Background()
	if token := os.Getenv("VIRQ_TOKEN"); token != "" {
		ctx = context.WithValue(ctx, api.ContextAccessToken, token)
	}

	lease := api.NewSandboxRequest()
	lease.SetTtl("PT2M")
	must(client.SandboxesAPI.EnsureSandbox(ctx, sandbox).SandboxRequest(*lease).Execute())
	vm := must(client.VMsAPI.CreateVm(ctx, sandbox).Execute()).Id
	eventfd := must(client.EventfdsAPI.CreateEventfd(ctx, sandbox).Execute())
	binding := api.NewIrqfdRequest(5)
	binding.SetFd(eventfd.Fds[0])
	irqfd := must(client.IrqfdsAPI.AssignIrqfd(ctx, sandbox, vm).IrqfdRequest(*binding).Execute())
	fmt.Println(vm, eventfd.Fds[0], irqfd.Id, irqfd.State)

	// 1. CPU 0 picks up the pointer, and is held there
	point := api.NewBreakpointRequest("inject.dereferenced")
	held := must(client.BreakpointsAPI.CreateBreakpoint(ctx, sandbox).BreakpointRequest(*point).Execute()).Id
	efd := strconv.Itoa(int(eventfd.Fds[0]))
	signal := must(client.EventfdsAPI.SignalEventfd(ctx, sandbox, efd).Execute())
	parked := api.NewWaitRequest("parked")
	parked.SetBreakpoint(held)
	met := must(client.WaitAPI.WaitFor(ctx, sandbox).WaitRequest(*parked).Execute())
	fmt.Println(held, signal.Id, met.Met)

	// 2. CPU 1 takes the object off its list; synchronize_srcu cannot return
	fmt.Println(must(client.VMsAPI.CloseVm(ctx, sandbox, vm).Wait("none").Execute()).Settled)
	settled := client.WaitAPI.WaitFor(ctx, sandbox).WaitRequest(*api.NewWaitRequest("settled"))
	_, _, err := settled.Execute()
	var refused *api.GenericOpenAPIError
	if errors.As(err, &refused) {
		problem := refused.Model().(api.ErrnoProblem)
		fmt.Println(problem.Status, problem.Errno, problem.HeldBy[0].Breakpoint, problem.Pending[1].Stage)
	}
	closing := must(client.VMsAPI.GetVm(ctx, sandbox, vm).Execute())
	fmt.Println(closing.State, closing.Refs)

	// 3. CPU 0 takes the lock, injects, and leaves the read section
	fmt.Println(must(client.BreakpointsAPI.ReleaseBreakpoint(ctx, sandbox, held).Execute()).Id)

	// 4. The grace period ends. 5. The VM is freed
	fmt.Println(must(settled.Execute()).Met)
	signal = must(client.EventfdsAPI.GetSignal(ctx, sandbox, signal.Id).Execute())
	freed := must(client.VMsAPI.GetVm(ctx, sandbox, vm).Execute())
	fmt.Println(signal.GetOutcome(), freed.State, freed.GetReleasedSeq() > signal.GetFinalSeq())

	// A script is text, and so is its answer: a line for each operation
	script := "eventfd_create e 7\neventfd_read e\n"
	results, _, err := client.ScriptsAPI.RunScript(ctx, sandbox).Body(script).Execute()
	if err != nil {
		panic(err)
	}
	fmt.Print(results)

	leaked := must(client.SandboxesAPI.DeleteSandbox(ctx, sandbox).Execute()).Leaked
	fmt.Println(len(leaked.Vms), leaked.Eventfds[0])
}
