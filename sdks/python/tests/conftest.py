"""Provides a real server for the tests: KVASIR_TEST_URL, or one started from this repository's build."""

import json
import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from kvasir import Kvasir
from runner_process import Runner

PROGRAM = Path(__file__).parents[3] / "packages" / "kvasir" / "bin" / "kvasir.js"


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    given = os.environ.get("KVASIR_TEST_URL")
    if given:
        yield given
        return
    node = shutil.which("node")
    if node is None or not PROGRAM.exists():
        pytest.skip("needs KVASIR_TEST_URL, or node and a build of this repository (npm run build)")
    data = str(tmp_path_factory.mktemp("data"))
    command = [node, str(PROGRAM), "serve", "--no-auth", "--json", "--api-port", "0", "--data", data]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=data)
    try:
        for line in server.stdout:
            event = json.loads(line)
            if event["event"] == "ready":
                break
        else:
            raise RuntimeError("the server did not start")
        yield event["api"]
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def namespace_id(url):
    """A separate namespace for each test."""
    import urllib.request

    accounts = f"{url}/client/v4/accounts/{'0' * 32}/storage/kv/namespaces"
    body = json.dumps({"title": f"test-{uuid.uuid4()}"}).encode()
    request = urllib.request.Request(accounts, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]["id"]


@pytest.fixture
def kv(url, namespace_id):
    return Kvasir(url).namespace(namespace_id)


@pytest.fixture
def run(tmp_path):
    running = []

    def start(code, *options, **files):
        running.append(Runner(tmp_path, code, *options, **files))
        return running[-1]

    yield start
    for runner in running:
        runner.kill()


@pytest.fixture(scope="session")
def evaluating(tmp_path_factory):
    """Runners of an async and of a plain function. Each returns the value of the expression in its request."""
    codes = {"async def": "await request.text()", "def": "request.text()"}
    runners = [
        Runner(tmp_path_factory.mktemp("evaluating"), f"{kind} handler(request):\n    return eval({text})\n")
        for kind, text in codes.items()
    ]
    yield runners
    for runner in runners:
        runner.kill()
