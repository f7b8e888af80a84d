"""Arguments: a wrong one is a TypeError or ValueError that names it, before the server is asked."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Union


def _given(**members: Any) -> Dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _wrong(what: str, needed: str, value: object) -> TypeError:
    return TypeError(f"{what} must be {needed}, not {value!r} ({type(value).__name__})")


def _duration(what: str, seconds: Union[None, int, float]) -> Optional[str]:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise _wrong(what, "a number, of seconds", seconds)
    if not 0 <= seconds < 1e9:
        raise ValueError(f"{what} is {seconds}: a number of seconds from 0 on is needed")
    return f"PT{seconds:.9f}S"


def _wait(wait: bool, timeout: Optional[float]) -> Dict[str, Any]:
    return _given(wait="settled" if _flag("wait", wait) else "none", timeout=_duration("timeout", timeout))


def _flag(what: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise _wrong(what, "True or False", value)
    return value


def _integer(what: str, value: Optional[int], least: int = 0, most: int = 2**63 - 1) -> Optional[int]:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(what, f"an integer in {least}..{most}", value)
    if not least <= value <= most:
        raise ValueError(f"{what} is {value}: an integer in {least}..{most} is needed")
    return value


def _needed(what: str, value: int, least: int = 0, most: int = 2**63 - 1) -> int:
    if value is None:
        raise _wrong(what, f"an integer in {least}..{most}", value)
    _integer(what, value, least, most)
    return value


def _line(gsi: int) -> int:
    return _needed("gsi", gsi, 0, 2**32 - 1)


_PREFIXES = {"Vm": "vm", "Eventfd": "efd", "Irqfd": "irqfd", "Breakpoint": "bp", "Signal": "sig"}


def _id(what: str, kind: type, value: Any, otherwise: str = "") -> str:
    """The id of an object, which may be given by its id."""
    prefix = _PREFIXES[kind.__name__]
    if isinstance(value, kind):
        return str(value.id)  # type: ignore[attr-defined]
    if isinstance(value, str) and re.fullmatch(prefix + "-[1-9][0-9]*", value):
        return value
    raise _wrong(what, f'of class {kind.__name__}{otherwise} or an id such as "{prefix}-1"', value)


def _address(url: str) -> str:
    if not isinstance(url, str):
        raise _wrong("the server's address", "text", url)
    if not re.match("https?://[^/]", url, re.IGNORECASE):
        raise ValueError(f'the server\'s address (VIRQ_URL) is "{url}": it must begin with http:// or https://')
    url = url.rstrip("/")
    if url.endswith("/v1"):
        raise ValueError(f'the server\'s address (VIRQ_URL) is "{url}": it must not end in /v1, which is added to it')
    return url
