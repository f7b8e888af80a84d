"""The tests of virq.py; they run under unittest and under pytest, against the server that VIRQ_URL names."""

import http.server
import os
import threading
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
