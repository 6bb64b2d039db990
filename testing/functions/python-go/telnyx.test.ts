import { afterEach, beforeEach, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { GO, PYTHON, PYTHON_HTTP_CLIENTS } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { Project } from "../../harness/project.js";
import { allOf, describeWith } from "../../harness/requirements.js";

// Programs with a Telnyx helper of their own: they read TELNYX_API_KEY, and send requests to api.telnyx.com.

const PYTHON_CODE = `
import os, urllib.request, urllib.error

BASE = "https://api.telnyx.com/v2/storage/kvs/" + os.environ["KV_NAMESPACE_ID"] + "/keys"
HEADERS = {"Authorization": "Bearer " + os.environ["TELNYX_API_KEY"]}

def with_urllib(method, path, body=None):
    request = urllib.request.Request(BASE + path, data=body, headers=HEADERS, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, b""

def with_requests(method, path, body=None):
    import requests
    response = requests.request(method, BASE + path, data=body, headers=HEADERS, timeout=10)
    return response.status_code, response.content

def with_httpx(method, path, body=None):
    import httpx
    with httpx.Client(headers=HEADERS) as client:
        response = client.request(method, BASE + path, content=body)
    return response.status_code, response.content

async def with_async_httpx(method, path, body=None):
    import httpx
    async with httpx.AsyncClient(headers=HEADERS) as client:
        response = await client.request(method, BASE + path, content=body)
    return response.status_code, response.content

async def with_aiohttp(method, path, body=None):
    import aiohttp
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async with session.request(method, BASE + path, data=body) as response:
            return response.status, await response.read()

async def use(send):
    async def ask(*args):
        result = send(*args)
        return await result if inspect.isawaitable(result) else result
    name = send.__name__
    key = "/" + name + "%2F1"
    written, _ = await ask("PUT", key + "?ttl_secs=60", (name + " ä").encode())
    status, value = await ask("GET", key)
    _, listed = await ask("GET", "?prefix=" + name)
    deleted, _ = await ask("DELETE", key)
    gone, _ = await ask("GET", key)
    keys = [entry["key"] for entry in json.loads(listed)["data"]]
    return [written // 100, status, value.decode(), keys, deleted // 100, gone]

import inspect, json

async def handler(request):
    return [await use(send) for send in SENDERS]
`;

const GO_CODE = `package function

var base = "https://api.telnyx.com/v2/storage/kvs/" + os.Getenv("KV_NAMESPACE_ID") + "/keys"

func ask(client *http.Client, method, path, body string) (int, string) {
	r, _ := http.NewRequest(method, base+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+os.Getenv("TELNYX_API_KEY"))
	response, err := client.Do(r)
	if err != nil { panic(err) }
	defer response.Body.Close()
	data, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(data)
}

func handler(w http.ResponseWriter, r *http.Request) {
	_ = http.DefaultTransport.(*http.Transport).Clone()
	results := []any{}
	for _, client := range []*http.Client{http.DefaultClient, {Timeout: 10 * time.Second}} {
		written, _ := ask(client, "PUT", "/go%2F1", "a value")
		status, value := ask(client, "GET", "/go%2F1", "")
		deleted, _ := ask(client, "DELETE", "/go%2F1", "")
		gone, _ := ask(client, "GET", "/go%2F1", "")
		results = append(results, []any{written / 100, status, value, deleted / 100, gone})
	}
	json.NewEncoder(w).Encode(results)
}
`;

let project: Project;
let running: Running | undefined;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

async function results(name: string, code: string): Promise<unknown[]> {
  project.write({ [name]: code });
  const cacheDirectory = `${project.root}/.cache`;
  running = await runFunctions([`${project.root}/${name}`], { cacheDirectory });
  return JSON.parse(await running.text()) as unknown[];
}

describeWith(allOf(PYTHON, PYTHON_HTTP_CLIENTS), "a Python program with its own Telnyx helper", () => {
  it("runs unchanged with urllib, requests, httpx and aiohttp", async () => {
    const senders = ["with_urllib", "with_requests", "with_httpx", "with_async_httpx", "with_aiohttp"];
    const found = await results("fn.py", `${PYTHON_CODE}\nSENDERS = [${senders.join(", ")}]\n`);
    expect(found).toEqual(senders.map((name) => [2, 200, `${name} ä`, [`${name}/1`], 2, 404]));
  });

  it("reaches its own namespaces only, and other addresses as before", async () => {
    const code = `
import urllib.request, urllib.error

def status(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__

def handler(request):
    api = "https://api.telnyx.com/v2/storage/kvs"
    return [status(api + "/" + "0" * 32 + "/keys/a"), status("https://127.0.0.1:1/v2/storage/kvs/x/keys/a")]
`;
    expect(await results("fn.py", code)).toEqual([403, "URLError"]);
  });
});

describeWith(GO, "a Go program with its own Telnyx helper", () => {
  it(
    "runs unchanged with net/http",
    async () => {
      const each = [2, 200, "a value", 2, 404];
      expect(await results("fn.go", GO_CODE)).toEqual([each, each]);
    },
    FIRST_BUILD_TIMEOUT_MS,
  );
});
