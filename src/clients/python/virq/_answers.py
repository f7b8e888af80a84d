"""What the server answers. A member that a newer server adds is left out; nested ones are dictionaries as they came."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Literal, Optional, Type, TypedDict, TypeVar

Point = Literal[
    "inject.enter", "inject.locked", "inject.dereferenced", "inject.lowered", "hup.unhooked", "hup.flushed",
    "disconnect.swapped", "disconnect.unlisted", "sync.begin", "sync.flipped", "sync.end", "put.vm", "free.irqfd",
    "assign.listed", "assign.beforeFput", "release.begin",
]
"""Where a breakpoint can hold a thread; GET /v1/points says what each is."""

Outcome = Literal[
    "INJECTED", "COALESCED_PENDING", "IGNORED_UNROUTED", "DROPPED_DEACTIVATED", "DROPPED_VM_GONE", "NOT_BOUND", "FAILED"
]
LineStatus = Literal["DELIVERED", "COALESCED", "IGNORED"]
VmState = Literal["OPEN", "CLOSING", "RELEASED"]
EventfdState = Literal["OPEN"]
IrqfdState = Literal["ACTIVE", "UNHOOKED", "FLUSHING", "DISCONNECTED", "GRACE", "FREED"]
BreakpointState = Literal["ARMED", "PARKED", "DONE", "EXPIRED"]


class Held(TypedDict, total=False):
    """A thread held at a breakpoint, as it is in the answer."""

    breakpoint: str
    point: str
    thread: str
    cpu: int
    """0 injects, 1 closes."""
    signal: str
    """The signal that it works on, if it does."""
    since: str
    holds: List[str]


class Pending(TypedDict):
    """Something under way: ``kind`` is signal or close, ``stage`` is how far it is."""

    kind: str
    id: str
    since: str
    stage: str


class _Action:
    """What is settled or not, shown so that who holds it is not what a test runner cuts off."""

    def __repr__(self) -> str:
        said = []
        for field in sorted(dataclasses.fields(self), key=lambda field: field.name != "held_by"):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.name == "held_by" and value:
                value = " ".join(f"{one.get('breakpoint')}@{one.get('point')}" for one in value)
                said.append(f"held_by=<{value}>")
            elif field.name not in ("pending", "injection") and value is not None:
                said.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(said)})"


@dataclass(frozen=True, repr=False)
class Signal(_Action):
    """One write to an eventfd. ``outcome`` is None until it is settled; ``held_by`` says which breakpoint keeps it."""

    id: str
    seq: int
    eventfd: str
    counter_after: int
    settled: bool = False
    outcome: Optional[Outcome] = None
    final_seq: Optional[int] = None
    line_status: Optional[LineStatus] = None
    injection: Optional[Dict[str, Any]] = None
    pending: Optional[List[Pending]] = None
    held_by: Optional[List[Held]] = None


@dataclass(frozen=True, repr=False)
class CloseReport(_Action):
    """What a close did. Not ``settled``: it has begun and goes on, and must not be repeated; what only its
    end can tell is None then: how long it took, and how many readers it waited for."""

    seq: int
    settled: bool
    last_reference: bool = False
    released: List[str] = dataclasses.field(default_factory=list)
    vm_refs_dropped: int = 0
    vm_freed: List[str] = dataclasses.field(default_factory=list)
    grace_period_nanos: Optional[int] = None
    flush_nanos: Optional[int] = None
    waited_for_readers: Optional[int] = None
    pending: Optional[List[Pending]] = None
    held_by: Optional[List[Held]] = None


@dataclass(frozen=True)
class VmInfo:
    """A VM: ``state`` is OPEN, CLOSING while something still refers to it, or RELEASED."""

    id: str
    state: VmState
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
    """An eventfd and its descriptors; ``state`` is OPEN, as a closed one is gone."""

    id: str
    fds: List[int]
    counter: int
    state: EventfdState
    seq: int
    flags: List[str] = dataclasses.field(default_factory=list)
    name: Optional[str] = None
    bound_to: Optional[Dict[str, Any]] = None


@dataclass(frozen=True)
class IrqfdInfo:
    """The binding of an eventfd to a line: ``state`` is ACTIVE at first and FREED at last, once it is released."""

    id: str
    vm: str
    eventfd: str
    gsi: int
    state: IrqfdState
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
    state: BreakpointState
    hit_count: int
    seq: int
    parked: List[Held] = dataclasses.field(default_factory=list)


@dataclass(frozen=True)
class VcpuInfo:
    """A vCPU: ``run_state`` is RUNNABLE, PARKED after INIT until a start-up message, or as the host has set it."""

    id: int
    run_state: Literal["RUNNABLE", "UNINITIALIZED", "PARKED", "HALTED", "SIPI_RECEIVED", "AP_RESET_HOLD"]
    nmi_pending: int
    nmi_masked: bool
    seq: int


@dataclass(frozen=True)
class Lapic:
    """The registers of a local APIC; ``irr`` are the vectors that wait, ``isr`` those in service."""

    id: int
    svr: int
    tpr: int
    ppr: int
    ldr: int
    dfr: int
    lvt0: int
    lvt1: int
    irr: List[int]
    isr: List[int]
    tmr: List[int]


@dataclass(frozen=True)
class IoApicPin:
    """A pin of the I/O APIC; ``remote_irr``: a level interrupt was accepted and has not ended."""

    pin: int
    vector: int
    delivery_mode: str
    dest_mode: str
    dest_id: int
    polarity: str
    trigger_mode: Literal["EDGE", "LEVEL"]
    mask: bool
    remote_irr: bool


@dataclass(frozen=True)
class GuestAnswer:
    """What came of an acknowledgement or an end of interrupt: ``vector`` is None if there was none;
    ``resampled`` are the irqfds whose resample eventfd was signalled."""

    handled: bool
    nmis: int
    seq: int
    vector: Optional[int] = None
    resampled: List[str] = dataclasses.field(default_factory=list)
    eoi_exit: Optional[int] = None


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
_ONLY_SETTLED = {"grace_period_nanos", "flush_nanos", "waited_for_readers"}
_A = TypeVar("_A")


def _read(kind: Type[_A], body: Dict[str, Any]) -> _A:
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for member, value in body.items():
        name = re.sub("([A-Z])", r"_\1", member).lower()
        # The zeros of a close that has not ended are no results.
        if name in known and not (name in _ONLY_SETTLED and not body["settled"]):
            values[name] = int(value) if name in _UNSIGNED else value
    return kind(**values)
