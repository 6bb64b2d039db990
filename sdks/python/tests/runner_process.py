"""The runner as a process."""

import http.client
import os
import subprocess
import sys
from pathlib import Path

SOURCE = str(Path(__file__).parents[1] / "src")
ENVIRONMENT = {**os.environ, "PYTHONPATH": SOURCE, "PYTHONUNBUFFERED": "1"}
COMMAND = [sys.executable, "-m", "kvasir.runner", "function.py", "--port", "0"]


class Runner:
    def __init__(self, folder, code, *options, **files):
        folder.joinpath("function.py").write_text(code)
        for name, text in files.items():
            folder.joinpath(f"{name}.py").write_text(text)
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            cwd=folder,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1] or 0)

    def ask(self, path="/", method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        self.process.terminate()
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


def failing_start(folder, code):
    """Runs a function that does not start. Returns the exit code and what it says."""
    folder.joinpath("function.py").write_text(code)
    ended = subprocess.run(COMMAND, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    return ended.returncode, ended.stderr
