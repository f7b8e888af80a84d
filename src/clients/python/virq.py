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

Times are seconds. Values of 64 bits are int, as they should be. A call that has no method here goes
through ``request``.
"""

from __future__ import annotations

import atexit
import dataclasses
import functools
import json
import os
import re
import secrets
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Union

__all__ = [
    "Breakpoint", "BreakpointInfo", "CloseReport", "Eventfd", "EventfdInfo", "Gsi", "Irqfd", "IrqfdInfo", "LeakError",
    "Sandbox", "SandboxTestCase", "Server", "Signal", "TeardownReport", "Virq", "VirqError", "Vm", "VmInfo", "connect",
]

DEFAULT_URL = "http://127.0.0.1:8080"

_VARIABLES = {"VIRQ_URL", "VIRQ_JAR", "VIRQ_JAVA", "VIRQ_TOKEN", "VIRQ_PREFIX"}


class VirqError(Exception):
    """The server refused: ``errno`` is the name of Linux's error, as in "EBUSY"."""

    def __init__(self, status: int, problem: Dict[str, Any]):
        self.status = status
        self.problem = problem
        """The body of the answer (application/problem+json) with all its members."""
        self.errno: str = problem.get("errno", "")
        self.detail: str = problem.get("detail", "")
        self.held_by: List[Dict[str, Any]] = problem.get("heldBy") or []
        """EDEADLK: the threads held at breakpoints, without whose release the wait would never end."""
        self.pending: List[Dict[str, Any]] = problem.get("pending") or []
        """ETIMEDOUT, EDEADLK: what is still under way."""
        super().__init__(f"{self.errno or 'HTTP'} ({status}): {self.detail}")


class _PutOff(Exception):
    """Refused for now, with nothing done."""

    def __init__(self, refusal: VirqError, seconds: int):
        self.refusal = refusal
        self.seconds = seconds
        super().__init__(str(refusal))


class LeakError(AssertionError):
    """A test left something open; ``leaked`` has the ids by kind."""

    def __init__(self, sandbox: str, leaked: Dict[str, List[str]]):
        self.leaked = leaked
        names = ", ".join(f"{kind} {' '.join(ids)}" for kind, ids in leaked.items() if ids)
        super().__init__(f"left open in sandbox {sandbox}: {names}")


# Answers. A member that a newer server adds is left out; nested ones are dictionaries as they came.


@dataclass(frozen=True)
class Signal:
    """One write to an eventfd. ``outcome`` is None until it is settled."""

    id: str
    seq: int
    eventfd: str
    counter_after: int
    settled: bool = False
    outcome: Optional[str] = None
    final_seq: Optional[int] = None
    line_status: Optional[str] = None
    injection: Optional[Dict[str, Any]] = None
    pending: Optional[List[Dict[str, Any]]] = None
    held_by: Optional[List[Dict[str, Any]]] = None


@dataclass(frozen=True)
class CloseReport:
    """What a close did. Not ``settled``: it has begun and goes on, and must not be repeated."""

    seq: int
    settled: bool
    last_reference: bool = False
    released: List[str] = dataclasses.field(default_factory=list)
    vm_refs_dropped: int = 0
    vm_freed: List[str] = dataclasses.field(default_factory=list)
    grace_period_nanos: int = 0
    flush_nanos: int = 0
    waited_for_readers: int = 0
    pending: Optional[List[Dict[str, Any]]] = None
    held_by: Optional[List[Dict[str, Any]]] = None


@dataclass(frozen=True)
class VmInfo:
    """A VM: ``state`` is OPEN, CLOSING or RELEASED."""

    id: str
    state: str
    refs: int
    irqfds: int
    seq: int
    irqchip: Optional[str] = None
    name: Optional[str] = None
    released_seq: Optional[int] = None


@dataclass(frozen=True)
class Gsi:
    """An interrupt line and its counters."""

    gsi: int
    routed: bool
    level: int
    pending: int
    signalled: int
    injected: int
    coalesced: int
    ignored: int
    dropped: int
    raises: int
    lowers: int
    status: Dict[str, int] = dataclasses.field(default_factory=dict)
    last_seq: Optional[int] = None


@dataclass(frozen=True)
class EventfdInfo:
    """An eventfd and its descriptors."""

    id: str
    fds: List[int]
    counter: int
    state: str
    seq: int
    flags: List[str] = dataclasses.field(default_factory=list)
    name: Optional[str] = None
    bound_to: Optional[Dict[str, Any]] = None


@dataclass(frozen=True)
class IrqfdInfo:
    """The binding of an eventfd to a line: ``state`` is ACTIVE at first and FREED at last."""

    id: str
    vm: str
    eventfd: str
    gsi: int
    state: str
    injected: int
    seq: int
    resample: bool = False
    callbacks: int = 0
    queued: int = 0
    coalesced: int = 0
    severed: int = 0
    in_flight: int = 0


@dataclass(frozen=True)
class BreakpointInfo:
    """A breakpoint: ``state`` is ARMED, PARKED, DONE or EXPIRED (then nobody released it in time)."""

    id: str
    point: str
    state: str
    hit_count: int
    seq: int
    parked: List[Dict[str, Any]] = dataclasses.field(default_factory=list)


@dataclass(frozen=True)
class TeardownReport:
    """What the end of a sandbox found: ``leaked`` is what the test had not closed."""

    leaked: Dict[str, List[str]]
    released: Dict[str, int]
    pending_signals_dropped: int
    seq: int
    elapsed_nanos: int = 0
    grace_periods: Dict[str, int] = dataclasses.field(default_factory=dict)
    uid: Optional[str] = None


_UNSIGNED = {"counter", "counter_after"}


def _read(kind: type, body: Dict[str, Any]) -> Any:
    known = {field.name for field in dataclasses.fields(kind)}
    values = {}
    for member, value in body.items():
        name = re.sub("([A-Z])", r"_\1", member).lower()
        if name in known:
            values[name] = int(value) if name in _UNSIGNED else value
    return kind(**values)


def _given(**members: Any) -> Dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _duration(seconds: Union[None, int, float]) -> Optional[str]:
    return None if seconds is None else f"PT{seconds:.9f}S"


def _wait(wait: bool, timeout: Optional[float]) -> Dict[str, Any]:
    return _given(wait="settled" if wait else "none", timeout=_duration(timeout))


class Virq:
    """A server, and the way to ask it."""

    def __init__(
        self, url: str = DEFAULT_URL, token: Optional[str] = None, prefix: str = "", patience: float = 30
    ):
        """A call that the server puts off, with 429 or 503 and Retry-After, is made again for ``patience`` seconds."""
        self.url = url.rstrip("/")
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
            raise ConnectionError(
                f"no virq answers at {self.url} ({reason}): start one, or set VIRQ_URL or VIRQ_JAR"
            ) from failed

    def sandbox(self, name: str = "test", ttl: float = 300) -> Sandbox:
        """A new sandbox. Its name begins as this one and ends with a random part; its lease ends
        after ``ttl`` seconds without a call."""
        slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
        unique = self.prefix + (slug[: 54 - len(self.prefix)] + "-" + secrets.token_hex(4)).lstrip("-")
        made = self.request("PUT", f"/v1/sandboxes/{unique}", {"ttl": _duration(ttl)})
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
        answer = self._virq.request(
            method, f"/v1/sandboxes/{self.name}{path}", body, query, {"If-Match": f'"{self.uid}"'}
        )
        if path == "/reset":
            self.uid = answer["uid"]
        return answer

    def create_vm(self, irqchip: Optional[str] = None, name: Optional[str] = None, **settings: Any) -> Vm:
        """Opens a VM; ``irqchip`` is KERNEL, SPLIT or NONE."""
        return Vm(self, self.request("POST", "/vms", {**_given(irqchip=irqchip, name=name), **settings})["id"])

    def create_eventfd(self, initval: int = 0, flags: Optional[List[str]] = None, name: Optional[str] = None) -> Eventfd:
        """Opens an eventfd; ``flags`` are SEMAPHORE and NONBLOCK."""
        body = self.request("POST", "/eventfds", _given(initval=str(initval), flags=flags, name=name))
        return Eventfd(self, body["id"], body["fds"][0])

    def set_breakpoint(
        self,
        point: str,
        vm: Optional[Vm] = None,
        irqfd: Optional[Irqfd] = None,
        eventfd: Optional[Eventfd] = None,
        gsi: Optional[int] = None,
        skip: Optional[int] = None,
        hits: Optional[int] = None,
        max_hold: Optional[float] = None,
        delay: Optional[float] = None,
    ) -> Breakpoint:
        """Holds threads at a point of ``GET /v1/points``, those that match; with ``delay`` they only lose time."""
        match = _given(vm=vm and vm.id, irqfd=irqfd and irqfd.id, eventfd=eventfd and eventfd.id, gsi=gsi)
        body = _given(
            point=point,
            match=match or None,
            action=None if delay is None else "DELAY",
            delay=_duration(delay),
            skip=skip,
            hits=hits,
            maxHold=_duration(max_hold),
        )
        return Breakpoint(self, self.request("POST", "/breakpoints", body)["id"])

    def get_signal(self, signal: Union[str, Signal]) -> Signal:
        """A signal as it is now."""
        return _read(Signal, self.request("GET", f"/signals/{signal.id if isinstance(signal, Signal) else signal}"))

    def run_script(self, script: str) -> List[Dict[str, Any]]:
        """Runs one operation a line; a result a line, with op, ok, and errno or value."""
        return self.request("POST", "/scripts", script)

    def wait(self, what: str, timeout: Optional[float] = None, **members: Any) -> Dict[str, Any]:
        """Waits until everything is settled or parked, or something is injected or released. Raises
        EDEADLK at once when a breakpoint stands in the way, ETIMEDOUT when it does not come."""
        return self.request("POST", "/wait", _given(**{"for": what}, timeout=_duration(timeout), **members))

    def wait_settled(self, timeout: Optional[float] = None) -> None:
        """Waits until every signal has its outcome and every close is over: what has not come by then never will."""
        self.wait("settled", timeout)

    def wait_parked(self, timeout: Optional[float] = None) -> None:
        """Waits until whatever is under way is over or held at a breakpoint."""
        self.wait("parked", timeout)

    def stats(self) -> Dict[str, Any]:
        """Counters and grace periods of this sandbox."""
        return self.request("GET", "/stats")

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
        leaked = self.delete().leaked
        if any(leaked.values()) and not allow_leaks:
            raise LeakError(self.name, leaked)

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

    def assign(self, eventfd: Union[Eventfd, int], gsi: int, resample: Optional[Eventfd] = None) -> Irqfd:
        """Binds an eventfd, or a descriptor by its number, to a line; with ``resample`` the line is level-triggered."""
        target = {"fd": eventfd} if isinstance(eventfd, int) else {"eventfd": eventfd.id}
        more = {} if resample is None else {"flags": ["RESAMPLE"], "resampleEventfd": resample.id}
        body = self._sandbox.request("POST", f"{self._path}/irqfds", {**target, "gsi": gsi, **more})
        return Irqfd(self._sandbox, body["id"], self)

    def gsi(self, gsi: int) -> Gsi:
        """A line and its counters."""
        return _read(Gsi, self._sandbox.request("GET", f"{self._path}/gsis/{gsi}"))

    def set_line(self, gsi: int, level: int) -> int:
        """Sets a line as KVM_IRQ_LINE_STATUS does: > 0 delivered, 0 coalesced, -1 ignored."""
        return self._sandbox.request("PUT", f"{self._path}/gsis/{gsi}/line", {"level": level})["status"]

    def wait_injected(
        self, gsi: int, at_least: int = 1, at_most: Optional[int] = None, timeout: Optional[float] = None
    ) -> int:
        """Waits for so many injections into a line; more than ``at_most`` is ERANGE."""
        met = self._sandbox.wait("injected", timeout, vm=self.id, gsi=gsi, atLeast=at_least, atMost=at_most)
        return met["observed"]["injected"]

    def wait_released(self, timeout: Optional[float] = None) -> None:
        """Waits until it is destroyed."""
        self._sandbox.wait("released", timeout, vm=self.id)

    def close(self, wait: bool = True, timeout: Optional[float] = None) -> CloseReport:
        """close(2) on its descriptor. If the report is not settled, the close goes on."""
        return _read(CloseReport, self._sandbox.request("DELETE", self._path, query=_wait(wait, timeout)))


class Eventfd:
    """An eventfd; ``fd`` is the first of its descriptors."""

    def __init__(self, sandbox: Sandbox, id: str, fd: int):
        self.id = id
        self.fd = fd
        self._sandbox = sandbox
        self._path = f"/eventfds/{id}"

    def get(self) -> EventfdInfo:
        """The eventfd as it is now."""
        return _read(EventfdInfo, self._sandbox.request("GET", self._path))

    def signal(self, value: int = 1, wait: bool = False, timeout: Optional[float] = None) -> Signal:
        """write(2). With ``wait`` the answer has the outcome, unless a breakpoint holds it."""
        body = {"value": str(value)}
        return _read(Signal, self._sandbox.request("POST", f"{self._path}/signal", body, _wait(wait, timeout)))

    def read(self, timeout: Optional[float] = None) -> int:
        """read(2). Empty: EAGAIN, or with ``timeout`` a wait that ends in ETIMEDOUT."""
        query = _given(timeout=_duration(timeout))
        return int(self._sandbox.request("POST", f"{self._path}/read", query=query)["value"])

    def dup(self) -> int:
        """dup(2): the number of one more descriptor."""
        return self._sandbox.request("POST", f"{self._path}/dup")["fd"]

    def close(self, fd: Optional[int] = None, wait: bool = True, timeout: Optional[float] = None) -> CloseReport:
        """close(2) on all its descriptors, or on one of them."""
        path = self._path if fd is None else f"/eventfds/{fd}"
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
        """Waits for so many injections by this irqfd; more than ``at_most`` is ERANGE."""
        met = self._sandbox.wait("injected", timeout, irqfd=self.id, atLeast=at_least, atMost=at_most)
        return met["observed"]["injected"]

    def wait_released(self, timeout: Optional[float] = None) -> None:
        """Waits until it is freed."""
        self._sandbox.wait("released", timeout, irqfd=self.id)

    def close(self, wait: bool = True, timeout: Optional[float] = None) -> CloseReport:
        """Ends the binding; the eventfd stays open."""
        path = f"/vms/{self.vm.id}/irqfds/{self.id}"
        return _read(CloseReport, self._sandbox.request("DELETE", path, query=_wait(wait, timeout)))


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
        """Waits until so many threads are held here."""
        self._sandbox.wait("parked", timeout, breakpoint=self.id, atLeast=at_least)

    def release(self, threads: Union[int, str] = "ALL") -> None:
        """Lets all of them go, or so many."""
        self._sandbox.request("POST", f"{self._path}/release", {"threads": threads})

    def delete(self) -> None:
        """Takes it away and lets everybody go."""
        self._sandbox.request("DELETE", self._path)


class Server:
    """A virq in a process of its own on a free port of this machine; ``url`` is its address."""

    def __init__(self, jar: str, java: str = "java", arguments: tuple = ()):
        command = [java, "-jar", jar, "--server.address=127.0.0.1", "--server.port=0", *arguments]
        # The variables of this helper are no settings, and a misspelt one stops the start.
        environment = {name: value for name, value in os.environ.items() if name not in _VARIABLES}
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        atexit.register(self.stop)
        too_long = threading.Timer(120, self._process.kill)
        too_long.start()
        said = []
        try:
            for line in self._process.stdout:
                said.append(line)
                started = re.search(r"Tomcat started on port (\d+)", line)
                if started:
                    self.url = f"http://127.0.0.1:{started.group(1)}"
                    break
            else:
                raise RuntimeError(f"virq did not start: {' '.join(command)}\n{''.join(said)}")
        finally:
            too_long.cancel()
        # Somebody has to read on, or a full pipe would stop the server.
        threading.Thread(target=lambda: any(False for _ in self._process.stdout), daemon=True).start()

    def stop(self) -> None:
        """Ends it as SIGTERM does, and waits for its end."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


@functools.lru_cache(maxsize=None)
def connect() -> Virq:
    """The server that the environment names. A jar is started once, and ends with this process."""
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
