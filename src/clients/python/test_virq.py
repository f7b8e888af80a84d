"""The tests of the package virq; they run under unittest and under pytest, against the server that VIRQ_URL names."""

import http.server
import os
import pathlib
import threading
import typing
import unittest

import virq
from virq import LeakError, SandboxTestCase, VirqError


class CallsTest(SandboxTestCase):
    def test_vm_closed_while_a_reader_is_held(self):
        vm = self.sandbox.create_vm()
        eventfd = self.sandbox.create_eventfd()
        irqfd = vm.assign(eventfd, gsi=5)
        held = self.sandbox.set_breakpoint("inject.dereferenced", vm=vm, irqfd=irqfd, eventfd=eventfd, gsi=5)
        signal = eventfd.signal(wait=True)
        self.assertFalse(signal.settled)
        self.assertEqual(signal.held_by[0]["breakpoint"], held.id)
        self.assertEqual(held.get().state, "PARKED")

        report = vm.close()
        self.assertFalse(report.settled)
        self.assertEqual(report.held_by[0]["breakpoint"], held.id)
        with self.assertRaises(VirqError) as refused:
            self.sandbox.wait_settled()
        self.assertEqual((refused.exception.errno, refused.exception.status), ("EDEADLK", 409))
        self.assertEqual(refused.exception.held_by[0]["breakpoint"], held.id)

        held.release()
        vm.wait_released()
        self.assertEqual(self.sandbox.get_signal(signal).outcome, "INJECTED")
        self.assertEqual(irqfd.get().state, "FREED")
        held.delete()
        eventfd.close()

    def test_values_of_64_bits_are_exact(self):
        most = 2**64 - 2
        eventfd = self.sandbox.create_eventfd(initval=5)
        self.assertEqual(eventfd.read(), 5)
        self.assertEqual(eventfd.signal(most, wait=True).counter_after, most)
        self.assertEqual(eventfd.get().counter, most)
        self.assertEqual(eventfd.read(), most)
        eventfd.close()

    def test_waits_and_counters(self):
        vm = self.sandbox.create_vm()
        eventfd = self.sandbox.create_eventfd(flags=["NONBLOCK"])
        irqfd = vm.assign(eventfd.fd, gsi=5)
        self.assertEqual(eventfd.get().bound_to["irqfd"], irqfd.id)
        self.assertEqual(eventfd.signal(wait=True).outcome, "INJECTED")
        self.assertEqual(irqfd.wait_injected(at_least=1), 1)
        self.assertEqual(vm.wait_injected(5, at_least=1, at_most=1), 1)
        self.assertEqual(vm.gsi(5).injected, 1)
        with self.assertRaises(VirqError) as late:
            irqfd.wait_injected(at_least=2, timeout=0.001)
        self.assertEqual((late.exception.errno, late.exception.status), ("ETIMEDOUT", 504))
        self.sandbox.wait_parked()
        self.assertEqual(self.sandbox.stats()["outcomes"]["INJECTED"], 1)

        self.assertEqual(irqfd.close().released, [irqfd.id])
        irqfd.wait_released()
        self.assertEqual(eventfd.signal(wait=True).outcome, "NOT_BOUND")
        self.assertEqual(vm.set_line(5, 1) >= 0, True)
        second = eventfd.dup()
        self.assertFalse(eventfd.close(fd=second).last_reference)
        self.assertTrue(eventfd.close().last_reference)
        self.assertEqual(vm.close().vm_freed, [vm.id])
        self.assertEqual(vm.get().state, "RELEASED")

    def test_refusals_carry_errno_and_problem(self):
        vm = self.sandbox.create_vm()
        eventfd = self.sandbox.create_eventfd()
        vm.assign(eventfd, gsi=5)
        with self.assertRaises(VirqError) as busy:
            vm.assign(eventfd, gsi=6)
        self.assertEqual((busy.exception.errno, busy.exception.status), ("EBUSY", 409))
        self.assertIn(eventfd.id, busy.exception.detail)
        self.assertEqual(busy.exception.problem["sandbox"], self.sandbox.name)
        self.assertTrue(str(busy.exception).startswith("EBUSY (409): "))
        eventfd.close()
        vm.close()

    def test_level_triggered_round_and_calls_without_a_method(self):
        vm = self.sandbox.create_vm()
        device, done = self.sandbox.create_eventfd(), self.sandbox.create_eventfd()
        vm.assign(device, gsi=16, resample=done)
        vcpu = self.sandbox.request("POST", f"/vms/{vm.id}/vcpus", {"id": 0})
        self.assertEqual(vcpu["id"], 0)
        self.assertEqual(self.sandbox.request("GET", f"/vms/{vm.id}/irqfds", query={"gsi": 17})["items"], [])
        for one in (device, done, vm):
            one.close()

    def test_guest_takes_and_ends_interrupts(self):
        vm, device, done = self.sandbox.create_vm(), self.sandbox.create_eventfd(), self.sandbox.create_eventfd()
        vcpu = vm.create_vcpu(0)
        self.assertEqual(vcpu.get().run_state, "RUNNABLE")
        self.assertEqual(vcpu.set_lapic(svr=0x1FF, tpr=0).svr, 0x1FF)
        self.assertTrue(vm.pin(16).mask)
        entry = vm.set_pin(16, vector=65, trigger_mode="LEVEL", mask=False, dest_id=0)
        self.assertEqual((entry.pin, entry.vector, entry.trigger_mode, entry.mask), (16, 65, "LEVEL", False))
        self.assertIsNone(vcpu.ack())
        irqfd = vm.assign(device.fd, gsi=16, resample=done.id)
        self.assertEqual(device.signal(wait=True).line_status, "DELIVERED")
        self.assertEqual(vcpu.lapic().irr, [65])
        self.assertEqual(vcpu.ack(), 65)
        self.assertTrue(vm.pin(16).remote_irr)
        self.assertEqual((vcpu.lapic().irr, vcpu.lapic().isr), ([], [65]))
        # While the line is high, a further signal is injected and ignored.
        further = device.signal(wait=True)
        self.assertEqual((further.outcome, further.line_status), ("INJECTED", "IGNORED"))
        ended = vcpu.eoi()
        self.assertEqual((ended.vector, ended.resampled), (65, [irqfd.id]))
        self.assertEqual(done.read(), 1)
        for one in (device, done, vm):
            one.close()

    def test_objects_may_be_named_by_their_ids(self):
        vm, eventfd, done = self.sandbox.create_vm(), self.sandbox.create_eventfd(), self.sandbox.create_eventfd()
        irqfd = vm.assign(eventfd.id, gsi=5, resample=done.fd)
        self.assertTrue(irqfd.get().resample)
        held = self.sandbox.set_breakpoint("inject.dereferenced", vm=vm.id, irqfd=irqfd.id, eventfd=eventfd.id, gsi=5)
        match = self.sandbox.request("GET", f"/breakpoints/{held.id}")["match"]
        self.assertEqual(match, {"vm": vm.id, "irqfd": irqfd.id, "eventfd": eventfd.id, "gsi": 5})
        signal = eventfd.signal()
        self.sandbox.wait("parked", breakpoint=held.id)
        held.release()
        self.sandbox.wait("injected", irqfd=irqfd, at_least=1)
        self.assertEqual(self.sandbox.get_signal(signal.id).eventfd, eventfd.id)
        for one in (eventfd, done, vm):
            one.close()
        held.delete()

    def test_wrong_arguments_are_named(self):
        vm, eventfd = self.sandbox.create_vm(), self.sandbox.create_eventfd()
        held = self.sandbox.set_breakpoint("inject.enter")
        for call, error, message in (
            (lambda: vm.assign(eventfd, "5"), TypeError, r"gsi must be an integer in 0..4294967295, not '5' \(str\)"),
            (lambda: vm.assign(5, eventfd), TypeError, "gsi must be an integer"),
            (lambda: vm.assign(eventfd, 2**32), ValueError, "gsi is 4294967296: an integer in 0..4294967295 is needed"),
            (lambda: vm.assign(None, 5), TypeError, 'eventfd must be of class Eventfd, a descriptor.* "efd-1", not None'),
            (lambda: vm.assign("irqfd-1", 5), TypeError, "eventfd must be of class Eventfd.*not 'irqfd-1'"),
            (lambda: vm.assign(eventfd, 5, resample=vm), TypeError, "resample must be of class Eventfd.*Vm"),
            (lambda: vm.set_line(5, True), TypeError, "level must be"),
            (lambda: vm.gsi("5"), TypeError, "gsi must be"),
            (lambda: vm.wait_injected("5"), TypeError, "gsi must be"),
            (lambda: vm.close(wait="none"), TypeError, "wait must be True or False, not 'none'"),
            (lambda: vm.close(timeout="PT5S"), TypeError, "timeout must be a number, of seconds, not 'PT5S'"),
            (lambda: vm.wait_released(timeout=-1), ValueError, "timeout is -1: a number of seconds from 0 on"),
            (lambda: vm.wait_released(timeout=1000), VirqError, r"PT16M40S.*\(times of this helper are seconds\)"),
            (lambda: vm.set_pin(24), ValueError, "pin is 24: an integer in 0..23 is needed"),
            (lambda: vm.create_vcpu(0).set_lapic(svr="511"), TypeError, "svr must be"),
            (lambda: eventfd.signal("1"), TypeError, "value must be"),
            (lambda: eventfd.close(fd="3"), TypeError, "fd must be"),
            (lambda: held.release("all"), TypeError, "threads must be"),
            (lambda: held.wait_parked(at_least=1.5), TypeError, "at_least must be"),
            (lambda: self.sandbox.set_breakpoint("inject.enter", irqfd=5), TypeError, "irqfd must be of class Irqfd"),
            (lambda: self.sandbox.set_breakpoint("inject.enter", vm=""), TypeError, "vm must be of class Vm"),
            (lambda: self.sandbox.set_breakpoint("inject.enter", irqdf=5), TypeError, "irqdf"),
            (lambda: self.sandbox.set_breakpoint("inject.enter", max_hold="PT5S"), TypeError, "max_hold must be a number"),
            (lambda: self.sandbox.set_breakpoint("inject.enter", delay=float("nan")), ValueError, "delay is nan"),
            (lambda: self.sandbox.get_signal(None), TypeError, "signal must be of class Signal.*not None"),
            (lambda: self.sandbox.create_eventfd(flags="NONBLOCK"), TypeError, "flags must be a list"),
            (lambda: self.sandbox.create_vm(irqchips="SPLIT"), TypeError, "irqchips"),
            (lambda: self.sandbox.run_script(["eventfd_create e0 0"]), TypeError, "script must be text"),
            (lambda: virq.connect().sandbox(5), TypeError, "name must be text"),
            (lambda: virq.connect().sandbox(ttl="PT5M"), TypeError, "ttl must be a number, of seconds"),
        ):
            with self.subTest(message), self.assertRaisesRegex(error, message):
                call()
        for one in (vm, eventfd):
            one.close()
        held.delete()

    def test_what_is_held_has_no_figures_and_names_who_holds_it(self):
        vm, eventfd = self.sandbox.create_vm(), self.sandbox.create_eventfd()
        vm.assign(eventfd, gsi=5)
        held = self.sandbox.set_breakpoint("inject.dereferenced")
        signal = eventfd.signal(wait=True)
        self.assertTrue(repr(signal).startswith("Signal(held_by=<bp-1@inject.dereferenced>, id='sig-1'"), repr(signal))
        report = vm.close()
        self.assertEqual(
            (report.settled, report.waited_for_readers, report.grace_period_nanos, report.flush_nanos),
            (False, None, None, None),
        )
        held.delete()
        vm.wait_released()  # until then a close of the eventfd tells of the VM's, which found a reader
        self.assertEqual(eventfd.close().waited_for_readers, 0)
        with self.assertRaises(VirqError) as closed:
            eventfd.get()
        self.assertEqual(closed.exception.errno, "EBADF")

    def test_types_name_what_the_server_has(self):
        points = self.sandbox._virq.request("GET", "/v1/points")["items"]
        self.assertEqual(list(typing.get_args(virq.Point)), [one["name"] for one in points if one["stoppable"]])
        self.assertEqual(set(typing.get_args(virq.Outcome)), set(self.sandbox.stats()["outcomes"]))
        for one in typing.get_args(virq.Outcome) + typing.get_args(virq.LineStatus) + typing.get_args(virq.IrqfdState):
            self.assertIn(one, virq.__doc__)
        self.assertIs(typing.get_type_hints(virq.connect)["return"], virq.Virq)
        self.assertTrue(pathlib.Path(virq.__file__).with_name("py.typed").exists())

    def test_script_answers_line_by_line(self):
        answers = self.sandbox.run_script(f"eventfd_create e0 0\neventfd_write e0 {2**64 - 2}\neventfd_read e0\n")
        self.assertEqual([answer["ok"] for answer in answers], [True, True, True])
        self.assertEqual(answers[2]["value"], 2**64 - 2)

    def test_reset_numbers_anew(self):
        self.assertEqual(self.sandbox.create_vm().id, "vm-1")
        self.assertEqual(self.sandbox.reset().leaked["vms"], ["vm-1"])
        vm = self.sandbox.create_vm()
        self.assertEqual(vm.id, "vm-1")
        vm.close()


class LeakTest(unittest.TestCase):
    def test_what_is_left_open_is_named(self):
        with self.assertRaises(LeakError) as leak:
            with virq.connect().sandbox("leak") as sandbox:
                vm, eventfd = sandbox.create_vm(), sandbox.create_eventfd()
                irqfd = vm.assign(eventfd, gsi=5)
                armed = sandbox.set_breakpoint("inject.enter")
        for one in (vm, eventfd, irqfd, armed):
            self.assertIn(one.id, str(leak.exception))
        with self.assertRaises(VirqError) as gone:
            sandbox.create_vm()
        self.assertEqual(gone.exception.errno, "ENOENT")

    def test_what_a_breakpoint_still_holds_is_named(self):
        with self.assertRaises(LeakError) as leak:
            with virq.connect().sandbox("leak") as sandbox:
                vm, eventfd = sandbox.create_vm(), sandbox.create_eventfd()
                vm.assign(eventfd, gsi=5)
                held = sandbox.set_breakpoint("sync.begin")
                vm.close()
                eventfd.close()
        self.assertEqual(leak.exception.held[0]["breakpoint"], held.id)
        self.assertRegex(str(leak.exception), "; bp-1 still held .+ at sync.begin: release it$")

        with self.assertRaisesRegex(LeakError, "; bp-1 still held sig-1 at inject.enter: release it$"):
            with virq.connect().sandbox("leak") as sandbox:
                vm, eventfd = sandbox.create_vm(), sandbox.create_eventfd()
                vm.assign(eventfd, gsi=5)
                sandbox.set_breakpoint("inject.enter")
                eventfd.signal(wait=True)

    def test_first_failure_is_the_one_shown(self):
        with self.assertRaises(ZeroDivisionError):
            with virq.connect().sandbox() as sandbox:
                sandbox.create_vm()
                1 / 0

    def test_case_that_leaks_fails_unless_it_may(self):
        class Leaky(SandboxTestCase):
            def test_it(self):
                self.sandbox.create_vm()

        result = unittest.TestResult()
        Leaky("test_it").run(result)
        self.assertEqual(len(result.failures), 1)
        self.assertIn("vms vm-1", result.failures[0][1])

        Leaky.allow_leaks = True
        result = unittest.TestResult()
        Leaky("test_it").run(result)
        self.assertTrue(result.wasSuccessful(), result.failures + result.errors)


class ConnectionTest(unittest.TestCase):
    def test_names_are_labels_and_differ(self):
        server = virq.connect()
        with server.sandbox("Close [two Äpfel] " + "x" * 90) as one, server.sandbox("") as other:
            self.assertRegex(one.name[len(server.prefix) :], "^close-two-pfel-x+-[0-9a-f]{8}$")
            self.assertEqual(len(one.name), 63)
            self.assertRegex(other.name[len(server.prefix) :], "^[0-9a-f]{8}$")

    def test_address_that_is_none_is_explained(self):
        for url, message in (
            ("127.0.0.1:8080", 'VIRQ_URL.*"127.0.0.1:8080": it must begin with http:// or https://'),
            ("localhost", "must begin with http://"),
            ("http://127.0.0.1:8080/v1/", "must not end in /v1, which is added"),
        ):
            with self.subTest(url), self.assertRaisesRegex(ValueError, message):
                virq.Virq(url)

    def test_token_and_prefix_are_sent(self):
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                seen.append((self.path, self.headers["Authorization"]))
                self.send_response(403)
                self.end_headers()
                self.wfile.write(b"no JSON")

            def log_message(self, *arguments):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            client = virq.Virq(f"http://127.0.0.1:{server.server_port}/", token="secret", prefix="team-")
            with self.assertRaises(VirqError) as refused:
                client.sandbox("mine")
        self.assertEqual((refused.exception.status, refused.exception.detail), (403, "no JSON"))
        self.assertEqual(seen[0][1], "Bearer secret")
        self.assertRegex(seen[0][0], "^/v1/sandboxes/team-mine-[0-9a-f]{8}$")

    def test_call_that_is_put_off_is_made_again(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            answers = iter([(429, b'{"errno":"EAGAIN"}'), (503, b"{}"), (200, b'{"service":"virq"}')] + 9 * [(429, b"{}")])
            seen = 0

            def do_GET(self):
                Handler.seen += 1
                status, body = next(self.answers)
                self.send_response(status)
                self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}"
            self.assertEqual(virq.Virq(url).request("GET", "/v1"), {"service": "virq"})
            self.assertEqual(Handler.seen, 3)
            with self.assertRaises(VirqError) as refused:
                virq.Virq(url, patience=0).request("GET", "/v1")
            self.assertEqual((refused.exception.status, Handler.seen), (429, 4))
            server.shutdown()

    def test_another_life_is_refused(self):
        server = virq.connect()
        sandbox = server.sandbox("lives")
        first = sandbox.uid
        self.assertEqual(sandbox.reset().uid, sandbox.uid)
        self.assertNotEqual(sandbox.uid, first)
        sandbox.create_vm()
        server.request("POST", f"/v1/sandboxes/{sandbox.name}/reset")
        with self.assertRaises(VirqError) as stale:
            sandbox.create_vm()
        self.assertEqual((stale.exception.errno, stale.exception.status), ("ESTALE", 412))
        server.request("DELETE", f"/v1/sandboxes/{sandbox.name}")

    def test_absent_server_is_named(self):
        with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
            url = f"http://127.0.0.1:{server.server_port}"
        with self.assertRaisesRegex(ConnectionError, f"no virq answers at {url}.*set VIRQ_URL or VIRQ_JAR"):
            virq.Virq(url).sandbox()

    def test_jar_that_does_not_start_says_why(self):
        with self.assertRaisesRegex(RuntimeError, "did not start.*(?s:.*)absent.jar"):
            virq.Server("absent.jar", os.environ.get("VIRQ_JAVA", "java"))

    @unittest.skipUnless(os.environ.get("VIRQ_JAR"), "VIRQ_JAR names no jar")
    def test_jar_is_started_and_ended(self):
        server = virq.Server(os.environ["VIRQ_JAR"], os.environ.get("VIRQ_JAVA", "java"))
        try:
            self.assertEqual(virq.Virq(server.url).request("GET", "/v1")["service"], "virq")
        finally:
            server.stop()
        with self.assertRaises(ConnectionError):
            virq.Virq(server.url).request("GET", "/v1")


if __name__ == "__main__":
    unittest.main()
