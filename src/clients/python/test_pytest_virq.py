"""The tests of pytest_virq.py: tests that leak, each in a pytest of its own."""

import pathlib

pytest_plugins = ["pytester"]


def test_leak_fails_the_test_and_is_named(pytester):
    pytester.makepyfile("def test_it(sandbox): sandbox.create_vm()")
    result = pytester.runpytest("-p", "pytest_virq")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*left open in sandbox *test-it-*: vms vm-1*"])


def test_marked_test_may_leak(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.virq_allow_leaks
        def test_it(sandbox):
            sandbox.create_vm()
        """)
    pytester.runpytest("-p", "pytest_virq", "--strict-markers").assert_outcomes(passed=1)


def test_failed_test_is_not_blamed_for_leaks_too(pytester):
    pytester.makepyfile("def test_it(sandbox): assert sandbox.create_vm() is None")
    pytester.runpytest("-p", "pytest_virq").assert_outcomes(failed=1)


def test_each_test_has_a_sandbox_of_its_own(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("round", [1, 2])
        def test_it(sandbox, virq, round):
            vm = sandbox.create_vm()
            assert vm.id == "vm-1"
            assert sandbox.name.startswith(virq.prefix + "test-it-%d-" % round)
            vm.close()
        """)
    pytester.runpytest("-p", "pytest_virq").assert_outcomes(passed=2)


def test_an_absent_server_is_a_short_story(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(pathlib.Path(__file__).parent))
    monkeypatch.setenv("VIRQ_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("VIRQ_JAR", raising=False)
    pytester.makepyfile("def test_it(sandbox): pass")
    result = pytester.runpytest_subprocess("-p", "pytest_virq")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E *ConnectionError: no virq answers at http://127.0.0.1:1 *"])
    assert len(result.outlines) < 40, result.stdout.str()
