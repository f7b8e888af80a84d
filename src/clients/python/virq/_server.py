"""A server that a test starts for itself."""

from __future__ import annotations

import atexit
import os
import re
import subprocess
import threading
from typing import Tuple

_VARIABLES = {"VIRQ_URL", "VIRQ_JAR", "VIRQ_JAVA", "VIRQ_TOKEN", "VIRQ_PREFIX"}


class Server:
    """A virq in a process of its own on a free port of this machine; ``url`` is its address."""

    def __init__(self, jar: str, java: str = "java", arguments: Tuple[str, ...] = ()):
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
        output = self._process.stdout
        assert output is not None
        try:
            for line in output:
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
        threading.Thread(target=lambda: any(False for _ in output), daemon=True).start()

    def stop(self) -> None:
        """Ends it as SIGTERM does, and waits for its end."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
