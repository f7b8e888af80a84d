"""virq for tests in Python: a sandbox per test, exact waits, errors that carry the errno of Linux.

    with virq.connect().sandbox("first") as sandbox:
        vm = sandbox.create_vm()
        eventfd = sandbox.create_eventfd()
        vm.assign(eventfd, gsi=5)
        assert eventfd.signal(wait=True).outcome == "INJECTED"
        eventfd.close()
        vm.close()

The end of the block deletes the sandbox and fails if something was left open. With pytest take the
fixture ``sandbox`` of pytest_virq, with unittest derive from SandboxTestCase.

The standard library is enough, from Python 3.9. Environment variables say where the server is:

    VIRQ_URL     its address; http://127.0.0.1:8080 if neither this nor VIRQ_JAR is set
    VIRQ_JAR     without VIRQ_URL: the jar of virq, started on a free port for as long as this process runs
    VIRQ_JAVA    the Java (25 or newer) that runs the jar; "java" if not set
    VIRQ_TOKEN   sent as Authorization: Bearer
    VIRQ_PREFIX  begins the name of every sandbox, for a token that may see such names only

Times are seconds: of a wait 5 when left out (2 for a signal), and 60 at most unless the server is set
otherwise (``limits.waitNanos`` of ``GET /v1``). Values of 64 bits are int, as they should be. Where a
method takes an object it takes its id too, such as "irqfd-1". A call that has no method here goes through
``request``.

What becomes of a signal (``Outcome``):

    INJECTED             it reached the VM; line_status says what the interrupt controller made of it
    COALESCED_PENDING    merged into an injection that was queued already
    IGNORED_UNROUTED     the line leads nowhere: consumed, nothing else
    DROPPED_DEACTIVATED  its irqfd was severed, by hang-up or de-assign, before the injection read the VM
    DROPPED_VM_GONE      its irqfd was severed by the VM's close before the injection read the VM
    NOT_BOUND            no irqfd was bound: it stays in the counter
    FAILED               a bug of virq; never expected

Of a signal that is held while the VM closes: at inject.enter or inject.locked it has not read the VM yet
and ends DROPPED_VM_GONE; from inject.dereferenced on it ends INJECTED.

``LineStatus`` of an injected signal: DELIVERED, a vCPU has accepted it or it is latched; COALESCED, merged
with a request that is not acknowledged yet; IGNORED, the pin is masked, the line still waits for the end of
the last interrupt, or it leads nowhere.

States: a VM is OPEN, CLOSING while something still refers to it, RELEASED. An irqfd is ACTIVE, then
UNHOOKED, FLUSHING, DISCONNECTED and GRACE, and at last FREED: that is what "released" means of an irqfd. A
breakpoint is ARMED, PARKED while it holds a thread, DONE after its last hit, or EXPIRED when nobody
released it in time. An eventfd is OPEN; once closed, it is gone (EBADF).
"""

from __future__ import annotations

import functools
import json
import os
import re
import secrets
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, List, Literal, NoReturn, Optional, Sequence, Union

from ._answers import (
    BreakpointInfo, BreakpointState, CloseReport, EventfdInfo, EventfdState, Gsi, GuestAnswer, Held, IoApicPin,
    IrqfdInfo, IrqfdState, Lapic, LineStatus, Outcome, Pending, Point, Signal, TeardownReport, VcpuInfo, VmInfo,
    VmState, _read,
)
from ._arguments import _address, _duration, _flag, _given, _id, _integer, _line, _needed, _wait, _wrong
from ._server import Server

__all__ = [
    "Breakpoint", "BreakpointInfo", "BreakpointState", "CloseReport", "Eventfd", "EventfdInfo", "EventfdState", "Gsi",
    "GuestAnswer", "Held", "IoApicPin", "Irqfd", "IrqfdInfo", "IrqfdState", "Lapic", "LeakError", "LineStatus",
    "Outcome", "Pending", "Point", "Sandbox", "SandboxTestCase", "Server", "Signal", "TeardownReport", "Vcpu",
    "VcpuInfo", "Virq", "VirqError", "Vm", "VmInfo", "VmState", "connect",
]

DEFAULT_URL = "http://127.0.0.1:8080"


class VirqError(Exception):
    """The server refused: ``errno`` is the name of Linux's error, as in "EBUSY"."""

    def __init__(self, status: int, problem: Dict[str, Any]):
        self.status = status
        self.problem = problem
        """The body of the answer (application/problem+json) with all its members."""
        self.errno: str = problem.get("errno", "")
        self.detail: str = problem.get("detail", "")
        self.held_by: List[Held] = problem.get("heldBy") or []
        """EDEADLK: the threads held at breakpoints, without whose release the wait would never end."""
        self.pending: List[Pending] = problem.get("pending") or []
        """ETIMEDOUT, EDEADLK: what is still under way."""
        # The server's sentence has durations of ISO 8601; the test gave a number.
        units = " (times of this helper are seconds)" if re.search(r"\bPT\d", self.detail) else ""
        super().__init__(f"{self.errno or 'HTTP'} ({status}): {self.detail}{units}")


class _PutOff(Exception):
    """Refused for now, with nothing done."""

    def __init__(self, refusal: VirqError, seconds: int):
        self.refusal = refusal
        self.seconds = seconds
        super().__init__(str(refusal))


class LeakError(AssertionError):
    """A test left something open; ``leaked`` has the ids by kind, ``held`` the threads that breakpoints held."""

    def __init__(self, sandbox: str, leaked: Dict[str, List[str]], held: Sequence[Held] = ()):
        self.leaked = leaked
        self.held = list(held)
        names = ", ".join(f"{kind} {' '.join(ids)}" for kind, ids in leaked.items() if ids)
        super().__init__(f"left open in sandbox {sandbox}: {names}" + "".join("; " + _still(one) for one in held))


def _still(held: Held) -> str:
    what = held.get("signal") or held.get("thread")
    return f"{held.get('breakpoint')} still held {what} at {held.get('point')}: release it"


def _absent(url: str, reason: object) -> NoReturn:
    # Apart, because a test's report shows the function that raises.
    raise ConnectionError(
        f"no virq answers at {url} ({reason}): start one, or set VIRQ_URL or VIRQ_JAR"
    ) from None


class Virq:
    """A server, and the way to ask it."""

    def __init__(
        self, url: str = DEFAULT_URL, token: Optional[str] = None, prefix: str = "", patience: float = 30
    ):
        """A call that the server puts off, with 429 or 503 and Retry-After, is made again for ``patience`` seconds."""
        self.url = _address(url)
        self.prefix = prefix
        self._patience = patience
        self._headers = {"Accept": "*/*"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        host = urllib.parse.urlsplit(self.url).hostname
        local = host in ("127.0.0.1", "::1", "localhost")
        # A proxy of the environment would be asked for its own loopback.
        proxies = [urllib.request.ProxyHandler({})] if local else []
        self._opener = urllib.request.build_opener(*proxies)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Optional[Dict[str, Any]] = None,
        headers: Optional[Dict[str, str]] = None,
    ) -> Any:
        """Any call of the API. A body that is text is a script's; another one is sent as JSON."""
        # pytest leaves out such frames: what a test has to see is its own line, and the error.
        __tracebackhide__ = True
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        sent = {**self._headers, **(headers or {})}
        data = None
        if isinstance(body, str):
            sent["Content-Type"] = "text/plain"
            data = body.encode()
        elif body is not None:
            sent["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        give_up = time.monotonic() + self._patience
        while True:
            try:
                return self._send(urllib.request.Request(url, data, sent, method=method))
            except _PutOff as later:
                # Nothing has been done yet, so it may be asked again.
                if time.monotonic() + later.seconds >= give_up:
                    raise later.refusal from None
                time.sleep(later.seconds)

    def _send(self, request: urllib.request.Request) -> Any:
        __tracebackhide__ = True
        try:
            # Longer than the server lets anything wait.
            with self._opener.open(request, timeout=90) as answer:
                text = answer.read().decode()
                if answer.headers.get_content_type() == "application/x-ndjson":
                    return [json.loads(line) for line in text.splitlines() if line]
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            text = refused.read().decode(errors="replace")
            try:
                problem = json.loads(text)
            except ValueError:
                problem = {"detail": text or refused.reason}
            refusal = VirqError(refused.code, problem)
            after = refused.headers.get("Retry-After") or ""
            if refused.code in (429, 503) and after.isdigit():
                raise _PutOff(refusal, int(after)) from None
            raise refusal from None
        except OSError as failed:
            reason = getattr(failed, "reason", failed)
            _absent(self.url, reason)

    def sandbox(self, name: str = "test", ttl: float = 300) -> Sandbox:
        """A new sandbox. Its name begins as this one and ends with a random part; its lease ends
        after ``ttl`` seconds without a call."""
        __tracebackhide__ = True
        if not isinstance(name, str):
            raise _wrong("name", "text", name)
        slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
        unique = self.prefix + (slug[: 54 - len(self.prefix)] + "-" + secrets.token_hex(4)).lstrip("-")
        made = self.request("PUT", f"/v1/sandboxes/{unique}", {"ttl": _duration("ttl", ttl)})
        return Sandbox(self, unique, made["uid"])


class Sandbox:
    """A machine of the test's own; as a context manager it ends with the block."""

    def __init__(self, virq: Virq, name: str, uid: str):
        self.name = name
        self.uid = uid
        """Its life; another one after a reset. A call that meets another life than this one is ESTALE."""
        self._virq = virq
        self._report: Optional[TeardownReport] = None

    def request(self, method: str, path: str, body: Any = None, query: Optional[Dict[str, Any]] = None) -> Any:
        """A call below this sandbox: ``sandbox.request("POST", "/vms/vm-1/vcpus", {"id": 0})``."""
        __tracebackhide__ = True
        answer = self._virq.request(
            method, f"/v1/sandboxes/{self.name}{path}", body, query, {"If-Match": f'"{self.uid}"'}
        )
        if path == "/reset":
            self.uid = answer["uid"]
        return answer

    def create_vm(
        self,
        irqchip: Optional[Literal["KERNEL", "SPLIT", "NONE"]] = None,
        name: Optional[str] = None,
        reserved_pins: Optional[int] = None,
    ) -> Vm:
        """Opens a VM with the interrupt controllers of the kernel, or part of them; ``reserved_pins`` with SPLIT only."""
        reserved = _integer("reserved_pins", reserved_pins)
        return Vm(self, self.request("POST", "/vms", _given(irqchip=irqchip, name=name, reservedPins=reserved))["id"])

    def create_eventfd(
        self,
        initval: int = 0,
        flags: Optional[Sequence[Literal["SEMAPHORE", "NONBLOCK"]]] = None,
        name: Optional[str] = None,
    ) -> Eventfd:
        """Opens an eventfd whose counter is ``initval``."""
        if isinstance(flags, str):
            raise _wrong("flags", "a list", flags)
        counter = str(_needed("initval", initval, 0, 2**64 - 1))
        body = self.request("POST", "/eventfds", _given(initval=counter, flags=flags and list(flags), name=name))
        return Eventfd(self, body["id"], body["fds"][0])

    def set_breakpoint(
        self,
        point: Point,
        vm: Union[None, Vm, str] = None,
        irqfd: Union[None, Irqfd, str] = None,
        eventfd: Union[None, Eventfd, str] = None,
        gsi: Optional[int] = None,
        skip: Optional[int] = None,
        hits: Optional[int] = None,
        max_hold: Optional[float] = None,
        delay: Optional[float] = None,
    ) -> Breakpoint:
        """Holds threads at a point of ``GET /v1/points``, those that match all of vm, irqfd, eventfd and gsi that are
        given: after the first ``skip`` (0 when left out) the next ``hits`` (1), each for ``max_hold`` seconds (30) at
        most. With ``delay``, of seconds, they are not held and only lose time."""
        match = _given(
            vm=None if vm is None else _id("vm", Vm, vm),
            irqfd=None if irqfd is None else _id("irqfd", Irqfd, irqfd),
            eventfd=None if eventfd is None else _id("eventfd", Eventfd, eventfd),
            gsi=None if gsi is None else _line(gsi),
        )
        body = _given(
            point=point,
            match=match or None,
            action=None if delay is None else "DELAY",
            delay=_duration("delay", delay),
            skip=_integer("skip", skip),
            hits=_integer("hits", hits, 1),
            maxHold=_duration("max_hold", max_hold),
        )
        return Breakpoint(self, self.request("POST", "/breakpoints", body)["id"])

    def get_signal(self, signal: Union[str, Signal]) -> Signal:
        """A signal as it is now."""
        return _read(Signal, self.request("GET", f"/signals/{_id('signal', Signal, signal)}"))

    def run_script(self, script: str) -> List[Dict[str, Any]]:
        """Runs one operation a line; a result a line, with op, ok, and errno or value."""
        if not isinstance(script, str):
            raise _wrong("script", "text", script)
        results: List[Dict[str, Any]] = self.request("POST", "/scripts", script)
        return results

    def wait(
        self,
        what: Literal["settled", "parked", "injected", "released"],
        timeout: Optional[float] = None,
        *,
        vm: Union[None, Vm, str] = None,
        gsi: Optional[int] = None,
        irqfd: Union[None, Irqfd, str] = None,
        eventfd: Union[None, Eventfd, str] = None,
        breakpoint: Union[None, Breakpoint, str] = None,
        at_least: Optional[int] = None,
        at_most: Optional[int] = None,
        up_to_seq: Optional[int] = None,
    ) -> Dict[str, Any]:
        """Waits until everything is settled or parked, or something is injected or released, for ``timeout`` seconds
        at most. A wait for settled or released raises EDEADLK at once when a breakpoint stands in the way; ETIMEDOUT
        when what is waited for does not come."""
        members = _given(
            timeout=_duration("timeout", timeout),
            vm=None if vm is None else _id("vm", Vm, vm),
            gsi=None if gsi is None else _line(gsi),
            irqfd=None if irqfd is None else _id("irqfd", Irqfd, irqfd),
            eventfd=None if eventfd is None else _id("eventfd", Eventfd, eventfd),
            breakpoint=None if breakpoint is None else _id("breakpoint", Breakpoint, breakpoint),
            atLeast=_integer("at_least", at_least),
            atMost=_integer("at_most", at_most),
            upToSeq=_integer("up_to_seq", up_to_seq),
        )
        met: Dict[str, Any] = self.request("POST", "/wait", {"for": what, **members})
        return met

    def wait_settled(self, timeout: Optional[float] = None) -> None:
        """Waits until every signal has its outcome and every close is over: what has not come by then never will."""
        self.wait("settled", timeout)

    def wait_parked(self, timeout: Optional[float] = None) -> None:
        """Waits until whatever is under way is over or held at a breakpoint."""
        self.wait("parked", timeout)

    def stats(self) -> Dict[str, Any]:
        """Counters and grace periods of this sandbox."""
        counted: Dict[str, Any] = self.request("GET", "/stats")
        return counted

    def reset(self) -> TeardownReport:
        """Empties it; numbers start again at 1."""
        return _read(TeardownReport, self.request("POST", "/reset"))

    def delete(self) -> TeardownReport:
        """Ends it, once."""
        if self._report is None:
            self._report = _read(TeardownReport, self.request("DELETE", ""))
        return self._report

    def end(self, allow_leaks: bool = False) -> None:
        """Ends it, and raises LeakError if something was left open."""
        __tracebackhide__ = True
        held = [] if _flag("allow_leaks", allow_leaks) or self._report else self._held()
        leaked = self.delete().leaked
        if any(leaked.values()) and not allow_leaks:
            raise LeakError(self.name, leaked, held)

    def _held(self) -> List[Held]:
        """Who is held, while that can still be asked: often it is why the rest is open."""
        try:
            return [one for item in self.request("GET", "/breakpoints")["items"] for one in item.get("parked", [])]
        except VirqError:
            return []

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        # Whoever fails half-way has not closed everything, and the first failure is the one to show.
        self.end(allow_leaks=error is not None)


class Vm:
    """A virtual machine."""

    def __init__(self, sandbox: Sandbox, id: str):
        self.id = id
        self._sandbox = sandbox
        self._path = f"/vms/{id}"

    def get(self) -> VmInfo:
        """The VM as it is now, also after its release."""
        return _read(VmInfo, self._sandbox.request("GET", self._path))

    def assign(
        self, eventfd: Union[Eventfd, int, str], gsi: int, resample: Union[None, Eventfd, int, str] = None
    ) -> Irqfd:
        """Binds an eventfd, or a descriptor by its number, to a line. With ``resample`` the line is level-triggered:
        it stays up until the guest's end of interrupt, which signals that eventfd."""
        target: Dict[str, Any] = {"gsi": _line(gsi)}
        if isinstance(eventfd, int) and not isinstance(eventfd, bool):
            target["fd"] = _needed("eventfd", eventfd)
        else:
            target["eventfd"] = _id("eventfd", Eventfd, eventfd, ", a descriptor's number")
        if resample is not None:
            target["flags"] = ["RESAMPLE"]
            if isinstance(resample, int) and not isinstance(resample, bool):
                target["resampleFd"] = _needed("resample", resample)
            else:
                target["resampleEventfd"] = _id("resample", Eventfd, resample, ", a descriptor's number")
        body = self._sandbox.request("POST", f"{self._path}/irqfds", target)
        return Irqfd(self._sandbox, body["id"], self)

    def gsi(self, gsi: int) -> Gsi:
        """A line and its counters."""
        return _read(Gsi, self._sandbox.request("GET", f"{self._path}/gsis/{_line(gsi)}"))

    def set_line(self, gsi: int, level: int) -> int:
        """Sets a line as KVM_IRQ_LINE_STATUS does: > 0 delivered, 0 coalesced, -1 ignored."""
        body = {"level": _needed("level", level, 0, 1)}
        return int(self._sandbox.request("PUT", f"{self._path}/gsis/{_line(gsi)}/line", body)["status"])

    def create_vcpu(self, id: int = 0) -> Vcpu:
        """A vCPU with its local APIC, which is off at first: ``set_lapic(svr=0x1FF)`` enables it."""
        self._sandbox.request("POST", f"{self._path}/vcpus", {"id": _needed("id", id)})
        return Vcpu(self._sandbox, self, id)

    def pin(self, pin: int) -> IoApicPin:
        """A pin of the I/O APIC as it is now."""
        pins = self._sandbox.request("GET", f"{self._path}/irqchip")["ioapic"]["pins"]
        return _read(IoApicPin, pins[_needed("pin", pin, 0, 23)])

    def set_pin(
        self,
        pin: int,
        vector: Optional[int] = None,
        trigger_mode: Optional[Literal["EDGE", "LEVEL"]] = None,
        mask: Optional[bool] = None,
        dest_id: Optional[int] = None,
        dest_mode: Optional[Literal["PHYSICAL", "LOGICAL"]] = None,
        delivery_mode: Optional[Literal["FIXED", "LOWEST", "SMI", "RESERVED", "NMI", "INIT", "STARTUP", "EXTINT"]] = None,
        polarity: Optional[Literal["HIGH", "LOW"]] = None,
        remote_irr: Optional[bool] = None,
    ) -> IoApicPin:
        """Sets the entry of a pin of the I/O APIC; what is left out stays as it is. A pin is masked at first."""
        body = _given(
            vector=_integer("vector", vector, 0, 255),
            triggerMode=trigger_mode,
            mask=mask if mask is None else _flag("mask", mask),
            destId=_integer("dest_id", dest_id, 0, 255),
            destMode=dest_mode,
            deliveryMode=delivery_mode,
            polarity=polarity,
            remoteIrr=remote_irr if remote_irr is None else _flag("remote_irr", remote_irr),
        )
        path = f"{self._path}/irqchip/ioapic/pins/{_needed('pin', pin, 0, 23)}"
        return _read(IoApicPin, self._sandbox.request("PUT", path, body))

    def wait_injected(
        self, gsi: int, at_least: int = 1, at_most: Optional[int] = None, timeout: Optional[float] = None
    ) -> int:
        """Waits for so many injections into a line, for ``timeout`` seconds (5 when left out); more than ``at_most``
        is ERANGE. Returns how many there were."""
        met = self._sandbox.wait("injected", timeout, vm=self.id, gsi=_line(gsi), at_least=at_least, at_most=at_most)
        return int(met["observed"]["injected"])

    def wait_released(self, timeout: Optional[float] = None) -> None:
        """Waits until it is destroyed, for ``timeout`` seconds (5 when left out)."""
        self._sandbox.wait("released", timeout, vm=self.id)

    def close(self, wait: bool = True, timeout: Optional[float] = None) -> CloseReport:
        """close(2) on its descriptor. With ``wait`` the report comes when the close is over, or after ``timeout``
        seconds (5 when left out), or at once when a breakpoint holds it: it is not settled then, and the close goes
        on. That is no error: assert ``settled``, or release the breakpoint and ``wait_released()``."""
        return _read(CloseReport, self._sandbox.request("DELETE", self._path, query=_wait(wait, timeout)))


class Eventfd:
    """An eventfd; ``fd`` is the first of its descriptors."""

    def __init__(self, sandbox: Sandbox, id: str, fd: int):
        self.id = id
        self.fd = fd
        self._sandbox = sandbox
        self._path = f"/eventfds/{id}"

    def get(self) -> EventfdInfo:
        """The eventfd as it is now; EBADF once closed. What it was bound to, its irqfd still tells."""
        return _read(EventfdInfo, self._sandbox.request("GET", self._path))

    def signal(self, value: int = 1, wait: bool = False, timeout: Optional[float] = None) -> Signal:
        """write(2). With ``wait`` the answer has the outcome, unless a breakpoint holds it or ``timeout`` seconds (2
        when left out) are not enough: it is not settled then, and goes on."""
        body = {"value": str(_needed("value", value, 0, 2**64 - 1))}
        return _read(Signal, self._sandbox.request("POST", f"{self._path}/signal", body, _wait(wait, timeout)))

    def read(self, timeout: Optional[float] = None) -> int:
        """read(2). Empty: EAGAIN, or with ``timeout``, of seconds, a wait that ends in ETIMEDOUT."""
        query = _given(timeout=_duration("timeout", timeout))
        return int(self._sandbox.request("POST", f"{self._path}/read", query=query)["value"])

    def dup(self) -> int:
        """dup(2): the number of one more descriptor; EBADF once closed."""
        return int(self._sandbox.request("POST", f"{self._path}/dup")["fd"])

    def close(self, fd: Optional[int] = None, wait: bool = True, timeout: Optional[float] = None) -> CloseReport:
        """close(2) on all its descriptors, or on one of them. ``wait`` and ``timeout`` as for a VM's close."""
        path = self._path if fd is None else f"/eventfds/{_needed('fd', fd)}"
        return _read(CloseReport, self._sandbox.request("DELETE", path, query=_wait(wait, timeout)))


class Irqfd:
    """The binding of an eventfd to a line of a VM."""

    def __init__(self, sandbox: Sandbox, id: str, vm: Vm):
        self.id = id
        self.vm = vm
        self._sandbox = sandbox

    def get(self) -> IrqfdInfo:
        """The irqfd as it is now, also after its end."""
        return _read(IrqfdInfo, self._sandbox.request("GET", f"/irqfds/{self.id}"))

    def wait_injected(
        self, at_least: int = 1, at_most: Optional[int] = None, timeout: Optional[float] = None
    ) -> int:
        """Waits for so many injections by this irqfd, for ``timeout`` seconds (5 when left out); more than ``at_most``
        is ERANGE. Returns how many there were."""
        met = self._sandbox.wait("injected", timeout, irqfd=self.id, at_least=at_least, at_most=at_most)
        return int(met["observed"]["injected"])

    def wait_released(self, timeout: Optional[float] = None) -> None:
        """Waits until it is freed (state FREED), for ``timeout`` seconds (5 when left out)."""
        self._sandbox.wait("released", timeout, irqfd=self.id)

    def close(self, wait: bool = True, timeout: Optional[float] = None) -> CloseReport:
        """Ends the binding; the eventfd stays open. ``wait`` and ``timeout`` as for a VM's close."""
        path = f"/vms/{self.vm.id}/irqfds/{self.id}"
        return _read(CloseReport, self._sandbox.request("DELETE", path, query=_wait(wait, timeout)))


class Vcpu:
    """A vCPU in the guest's part: it acknowledges interrupts and ends them."""

    def __init__(self, sandbox: Sandbox, vm: Vm, id: int):
        self.id = id
        self.vm = vm
        self._sandbox = sandbox
        self._path = f"/vms/{vm.id}/vcpus/{id}"

    def get(self) -> VcpuInfo:
        """The vCPU as it is now."""
        return _read(VcpuInfo, self._sandbox.request("GET", self._path))

    def lapic(self) -> Lapic:
        """Its local APIC as it is now."""
        return _read(Lapic, self._sandbox.request("GET", f"{self._path}/lapic"))

    def set_lapic(
        self,
        svr: Optional[int] = None,
        tpr: Optional[int] = None,
        ldr: Optional[int] = None,
        dfr: Optional[int] = None,
        lvt0: Optional[int] = None,
        lvt1: Optional[int] = None,
        id: Optional[int] = None,
        irr: Optional[Sequence[int]] = None,
        isr: Optional[Sequence[int]] = None,
        tmr: Optional[Sequence[int]] = None,
    ) -> Lapic:
        """Sets registers of its local APIC; what is left out stays as it is. Bit 8 of ``svr`` enables it."""
        registers = dict(id=id, svr=svr, tpr=tpr, ldr=ldr, dfr=dfr, lvt0=lvt0, lvt1=lvt1)
        body = _given(**{name: _integer(name, value, 0, 2**32 - 1) for name, value in registers.items()})
        body.update({name: list(value) for name, value in _given(irr=irr, isr=isr, tmr=tmr).items()})
        return _read(Lapic, self._sandbox.request("PUT", f"{self._path}/lapic", body))

    def ack(self, pic: bool = False) -> Optional[int]:
        """Takes the highest deliverable vector into service, with ``pic`` one of the 8259 pair; None if there is none."""
        query = {"from": "pic"} if _flag("pic", pic) else None
        return _read(GuestAnswer, self._sandbox.request("POST", f"{self._path}/ack", query=query)).vector

    def eoi(self) -> GuestAnswer:
        """Ends the highest interrupt in service. A level-triggered line goes down if nobody else holds it up, and
        its resample eventfds are signalled: ``resampled`` names their irqfds."""
        return _read(GuestAnswer, self._sandbox.request("POST", f"{self._path}/eoi"))


class Breakpoint:
    """A place where threads are held until released."""

    def __init__(self, sandbox: Sandbox, id: str):
        self.id = id
        self._sandbox = sandbox
        self._path = f"/breakpoints/{id}"

    def get(self) -> BreakpointInfo:
        """The breakpoint as it is now, and who is held at it."""
        return _read(BreakpointInfo, self._sandbox.request("GET", self._path))

    def wait_parked(self, at_least: int = 1, timeout: Optional[float] = None) -> None:
        """Waits until so many threads are held here, for ``timeout`` seconds (5 when left out)."""
        self._sandbox.wait("parked", timeout, breakpoint=self.id, at_least=at_least)

    def release(self, threads: Union[int, Literal["ALL"]] = "ALL") -> None:
        """Lets all of them go, or so many."""
        if threads != "ALL":
            _needed("threads", threads, 1)
        self._sandbox.request("POST", f"{self._path}/release", {"threads": threads})

    def delete(self) -> None:
        """Takes it away and lets everybody go."""
        self._sandbox.request("DELETE", self._path)


def connect() -> Virq:
    """The server that the environment names. A jar is started once, and ends with this process."""
    return _connected()


# Apart from connect(), whose type an editor would not see through the cache.
@functools.lru_cache(maxsize=None)
def _connected() -> Virq:
    url, jar = os.environ.get("VIRQ_URL"), os.environ.get("VIRQ_JAR")
    if not url and jar:
        url = Server(jar, os.environ.get("VIRQ_JAVA", "java")).url
    return Virq(url or DEFAULT_URL, os.environ.get("VIRQ_TOKEN"), os.environ.get("VIRQ_PREFIX", ""))


class SandboxTestCase(unittest.TestCase):
    """For unittest: each test has a sandbox, ``self.sandbox``, and fails if it leaves something open,
    unless ``allow_leaks`` is true. A setUp of your own calls super().setUp() first."""

    allow_leaks = False

    def setUp(self) -> None:
        super().setUp()
        self.sandbox = connect().sandbox(self.id().rsplit(".", 1)[-1])
        self.addCleanup(lambda: self.sandbox.end(self.allow_leaks))
