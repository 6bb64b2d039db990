"""Programs written for frameworks."""

import json

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("flask")

FASTAPI = """
from contextlib import asynccontextmanager
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

@asynccontextmanager
async def lifespan(app):
    app.state.greeting = "hello"
    yield
    print("stopped")

app = FastAPI(lifespan=lifespan)

@app.get("/items/{item}")
async def read(item: int, request: Request, background: BackgroundTasks):
    background.add_task(print, "in the background")
    return {"item": item, "greeting": request.app.state.greeting, "url": str(request.url)}

@app.post("/echo")
def echo(body: dict):
    return body

@app.get("/stream")
async def stream():
    async def pieces():
        for number in range(3):
            yield f"{number}\\n"
    return StreamingResponse(pieces(), media_type="text/plain")

@app.get("/gone")
async def gone():
    raise HTTPException(410, "gone")

@app.get("/bad")
async def bad():
    raise ValueError("bad luck")
"""


def test_fastapi(run):
    runner = run(FASTAPI)
    status, _, body = runner.ask("/items/7")
    assert (status, json.loads(body)["item"], json.loads(body)["greeting"]) == (200, 7, "hello")
    assert json.loads(body)["url"] == f"http://127.0.0.1:{runner.port}/items/7"
    assert runner.ask("/items/x")[0] == 422
    assert runner.ask("/echo", "POST", '{"a": 1}', {"Content-Type": "application/json"})[2] == b'{"a":1}'
    assert runner.ask("/stream")[2] == b"0\n1\n2\n"
    assert runner.ask("/gone")[0] == 410
    assert runner.ask("/bad")[0] == 500
    assert runner.ask("/nowhere")[0] == 404
    code, errors = runner.stop()
    assert (code, errors.count("ValueError: bad luck")) == (0, 1)


def test_flask(run):
    runner = run(
        """
from flask import Flask, Response, jsonify, make_response, request
app = Flask(__name__)

@app.route("/hello/<name>")
def hello(name):
    response = make_response(f"Hello {name}")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response

@app.post("/form")
def form():
    return jsonify(request.form)

@app.get("/stream")
def stream():
    return Response((f"{number}\\n" for number in range(3)), mimetype="text/plain")
"""
    )
    status, headers, body = runner.ask("/hello/Ada")
    assert (status, body, len(headers.get_all("Set-Cookie"))) == (200, b"Hello Ada", 2)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert json.loads(runner.ask("/form", "POST", "a=1&b=%C3%BC", form)[2]) == {"a": "1", "b": "ü"}
    assert runner.ask("/stream")[2] == b"0\n1\n2\n"
    assert runner.ask("/nowhere")[0] == 404


def test_responses_of_frameworks_are_responses_of_handlers(run):
    runner = run(
        """
from flask import Response as FlaskResponse
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, StreamingResponse

async def handler(request):
    if request.path == "/json":
        return JSONResponse({"a": 1}, 201, background=BackgroundTask(print, "in the background"))
    if request.path == "/flask":
        return FlaskResponse("text", 202, {"X-A": "b"})
    return StreamingResponse(iter(["a", "b"]))
"""
    )
    assert runner.ask("/json")[::2] == (201, b'{"a":1}')
    status, headers, body = runner.ask("/flask")
    assert (status, headers["X-A"], body) == (202, "b", b"text")
    assert runner.ask("/")[2] == b"ab"
