"""The pytest fixtures of virq: ``sandbox``, one for each test, and ``virq``, the server.

Installed with pip, pytest finds them by itself; copied beside the tests, a conftest.py says
``pytest_plugins = ["pytest_virq"]``. See the package virq for the environment variables that name the server.
"""

from typing import Any, Iterator

import pytest

from virq import Sandbox, Virq, connect

_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def virq() -> Virq:
    """The server that the environment names."""
    return connect()


@pytest.fixture
def sandbox(virq: Virq, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of the test's own. What the test leaves open fails it, unless it is marked virq_allow_leaks."""
    __tracebackhide__ = True
    sandbox = virq.sandbox(request.node.name)
    yield sandbox
    # Whoever fails half-way has not closed everything, and the first failure is the one to show.
    failed = request.node.stash.get(_FAILED, False)
    sandbox.end(allow_leaks=failed or request.node.get_closest_marker("virq_allow_leaks") is not None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[Any]") -> None:
    if call.excinfo is not None:
        item.stash[_FAILED] = True


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "virq_allow_leaks: the test may leave objects of its sandbox open")
