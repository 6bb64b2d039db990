/**
 * Faults tolerated here: code that throws outside the call chain of the request that started it, like a bug
 * in a callback of a socket, a parser, a timer or a promise. Only that request ends, and it is counted and
 * logged. If the exception belongs to no request, no request ends. The process ends only if its state can no
 * longer be trusted.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { KvasirProcess, serve } from "../harness/kvasir-process.js";
import { sendRaw } from "../harness/raw.js";
import { type RunningApi, TOKEN } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

/** Loaded into the server before its own code. Throws where a request's header `X-Throw` says. */
const THROWER = `
import http from "node:http";
import net from "node:net";
import { EventEmitter } from "node:events";
const boom = () => { throw new Error("boom"); };
const ways = {
  tick: () => process.nextTick(boom),
  timer: () => setTimeout(boom, 1),
  form: () => { globalThis.formsThrow = true; },
  accept: (server) => emit.call(server, "error", new Error("accept EMFILE")),
  promise: () => void Promise.reject(new Error("boom")),
  engine: () => setTimeout(() => {
    const error = new Error("boom");
    error.stack = "Error: boom\\n    at write (/srv/node_modules/lmdb/dist/index.cjs:1:1)";
    throw error;
  }, 1),
};
const emitAny = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function (event, ...given) {
  // In the middle of what parses forms, and in a turn of its own.
  if (event === "end" && this.constructor.name === "PartStream" && globalThis.formsThrow) boom();
  return emitAny.call(this, event, ...given);
};
const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, ...given) {
  if (event === "connection") given[0].prependListener("data", (part) => String(part).includes("X-Boom") && boom());
  const result = emit.call(this, event, ...given);
  if (event === "request") ways[given[0].headers["x-throw"]]?.(this);
  return result;
};
`;

interface Thrower {
  readonly server: KvasirProcess;
  readonly api: RunningApi;
  readonly port: number;
  /** The path of a value. */
  readonly value: string;
}

async function startThrower(args: readonly string[] = []): Promise<Thrower> {
  const directory = temporaryDirectory();
  const thrower = join(directory, "thrower.mjs");
  writeFileSync(thrower, THROWER);
  const server = serve(join(directory, "data"), args, {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(thrower)}` },
    provokesExceptions: true,
  });
  onTestFinished(() => server.kill());
  const api = await server.ready();
  const namespace = await api.createNamespace("net");
  const value = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces/${namespace}/values/key`;
  return { server, api, port: Number(new URL(api.url).port), value };
}

/** A write whose body does not end, so that it is in flight when the exception comes. */
function stalled({ value }: Thrower, way: string): string {
  return (
    `PUT ${value} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n` +
    `X-Throw: ${way}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`
  );
}

async function countsOf({ api }: Thrower): Promise<Record<string, number>> {
  const text = await (await api.fetch("/metrics")).text();
  const lines = text.matchAll(/^kvasir_unexpected_exceptions_total\{origin="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, origin, count]) => [origin, Number(count)]));
}

function errorsOf({ server }: Thrower) {
  return server.said
    .split("\n")
    .filter((line) => line.startsWith('{"event":"error"'))
    .map((line) => JSON.parse(line) as { message: string; stack?: string; request?: string });
}

describe("an exception outside of a request's call chain", () => {
  test.each(["tick", "timer"])("in a %s of a request ends that request alone", async (way) => {
    const thrower = await startThrower();
    expect(await countsOf(thrower)).toEqual({ request: 0, callback: 0, process: 0 });
    const other = thrower.api.fetch(thrower.value, { method: "PUT", body: "other" });
    const { status, text } = await sendRaw(thrower.port, [stalled(thrower, way)]);

    expect(status).toBe(500);
    expect(text).toMatch(/^Connection: close\r$/im);
    const id = /^X-Request-Id: (.+)\r$/im.exec(text)?.[1];
    const [error] = errorsOf(thrower);
    expect(error).toMatchObject({ request: id, stack: expect.stringContaining("thrower.mjs") });
    expect(error?.message).toContain(`PUT ${thrower.value}`);
    expect(JSON.parse(text.slice(text.indexOf("{")))).toMatchObject({ success: false, result: null });
    expect((await other).status).toBe(200);
    expect(await (await thrower.api.fetch(thrower.value)).text()).toBe("other");
    expect(await countsOf(thrower)).toEqual({ request: 0, callback: 1, process: 0 });
  });

  test("ends that request alone under dev too", async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "thrower.mjs"), THROWER);
    writeFileSync(join(folder, "w.js"), "export default { fetch: () => new Response('ok') };");
    const args = ["dev", join(folder, "w.js"), "--json", "--port", "0", "--api-port", "0", "--data", folder];
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, "thrower.mjs"))}` };
    const server = KvasirProcess.launch(args, { env, leadsGroup: true, provokesExceptions: true });
    onTestFinished(() => server.kill());
    const api = await server.ready();
    const namespace = await api.createNamespace("net");
    const thrower = { server, api, port: Number(new URL(api.url).port), value: `/binding/${namespace}/key` };
    const { status, text } = await sendRaw(thrower.port, [stalled(thrower, "timer")]);
    expect(status).toBe(500);
    expect(text).toContain('"code":"internal"');
    expect(await (await fetch(api.functions as string)).text()).toBe("ok");
    expect(await countsOf(thrower)).toEqual({ request: 0, callback: 1, process: 0 });
  });

  test("in the library that parses a request's form ends that request alone", async () => {
    const thrower = await startThrower();
    const form = '--B\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--B--\r\n';
    const head = stalled(thrower, "form").replace("\r\n\r\n3\r\nabc\r\n", "");
    const { status } = await sendRaw(
      thrower.port,
      [
        `${head}\r\nContent-Type: multipart/form-data; boundary=B\r\n\r\n${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`,
      ],
      { until: /\}$/ },
    );
    expect(status).toBe(500);
    expect((await thrower.api.fetch("/healthz")).status).toBe(200);
    expect(await countsOf(thrower)).toEqual({ request: 1, callback: 0, process: 0 });
  });

  test("on a connection without a request closes that connection", async () => {
    const thrower = await startThrower();
    const request = `GET ${thrower.value} HTTP/1.1\r\nHost: localhost\r\nX-Boom: 1\r\n\r\n`;
    await expect(sendRaw(thrower.port, [request])).resolves.toMatchObject({ status: 0 });
    expect((await thrower.api.fetch("/healthz")).status).toBe(200);
    expect(await countsOf(thrower)).toEqual({ request: 0, callback: 1, process: 0 });
  });

  test("a connection that the system cannot hand over is nobody else's loss", async () => {
    const thrower = await startThrower();
    const response = await thrower.api.fetch(thrower.value, {
      method: "PUT",
      body: new Blob(["v"]).stream(),
      duplex: "half",
      headers: { "X-Throw": "accept" },
    } as RequestInit);
    expect(response.status).toBe(200);
    expect(thrower.server.said).toContain("A connection was not accepted: accept EMFILE");
    expect(await countsOf(thrower)).toEqual({ request: 0, callback: 0, process: 0 });
  });

  test("that nobody can be blamed for ends no request, and is counted by all workers together", async () => {
    const thrower = await startThrower(["--workers", "2"]);
    const whole = `${stalled(thrower, "promise").replace("HTTP/1.1", "HTTP/1.1\r\nConnection: close")}0\r\n\r\n`;
    for (let round = 1; round <= 4; round++) {
      expect((await sendRaw(thrower.port, [whole])).status).toBe(200);
      await expect.poll(() => countsOf(thrower)).toMatchObject({ process: round, supervisor: 0 });
    }
    expect(errorsOf(thrower)[0]?.message).toBe("Unexpected exception that belongs to no request: boom");
  });
});

test("a server goes on where its output cannot be written", async () => {
  const port = await freePort();
  const args = ["--log-requests", "--api-port", String(port)];
  const through = ["sh", "-c", 'exec "$@" > /dev/full', "sh"];
  const server = serve(join(temporaryDirectory(), "data"), args, { through });
  onTestFinished(() => server.kill());
  const status = () => fetch(`http://127.0.0.1:${port}/healthz`).then((response) => response.status, String);
  await expect.poll(status).toBe(200);
  for (let request = 0; request < 20; request++) expect(await status()).toBe(200);
  expect(server.isRunning).toBe(true);
  expect(await server.stop()).toBe(0);
});

async function freePort(): Promise<number> {
  const listening = createServer().listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  listening.close();
  await once(listening, "close");
  return port;
}

test("a process whose storage engine failed outside of a call ends, and serve starts another", async () => {
  const thrower = await startThrower(["--workers", "2"]);
  expect((await sendRaw(thrower.port, [stalled(thrower, "engine")])).status).toBe(0);
  await expect.poll(() => thrower.server.said).toContain("ended (code 70); starting another");
  expect(errorsOf(thrower)[0]?.message).toBe("Unexpected exception, after which this process ends: boom");
  expect((await thrower.api.fetch("/healthz")).status).toBe(200);
  expect(await thrower.server.stop()).toBe(0);
});
