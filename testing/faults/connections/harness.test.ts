/**
 * Tests the fuzzer, because a fuzzer that cannot fail proves nothing. Each case breaks a promise on purpose.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { wrongState } from "./final-state.js";
import { Model } from "./model.js";
import { planSession, type SessionPlan, type Step } from "./plan.js";
import { MalformedResponse, ResponseReader } from "./response.js";
import { runSession } from "./session.js";
import { shrink } from "./shrink.js";
import { Target } from "./target.js";
import { Watcher } from "./watcher.js";

let target: Target;
beforeAll(async () => {
  target = await Target.start();
});
afterAll(() => target.kill());

/** A plan of successive requests, all of which succeed or are refused in the correct form. */
function plainPlan(name: string): SessionPlan {
  const plan = planSession(name);
  const steps = plan.steps
    .filter(({ request }) => !request.label.startsWith("malformed") && request.dress.last === "no")
    .map((step): Step => ({ ...step, joins: false, pieces: [Number.POSITIVE_INFINITY] }));
  return { ...plan, steps, ending: { how: "after the last response" } };
}

/** A proxy to the server that changes its responses. */
async function through(change: (text: string) => string): Promise<number> {
  const proxy = createServer((client) => {
    const server = connect(target.port, "127.0.0.1");
    client.pipe(server);
    server.on("data", (bytes: Buffer) => client.write(change(bytes.toString("latin1")), "latin1"));
    server.on("end", () => client.end());
    for (const socket of [client, server]) socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
  });
  return (proxy.address() as AddressInfo).port;
}

function run(plan: SessionPlan, port: number, prefix: string) {
  return runSession(plan, { port, around: target.surroundings(prefix), silenceMsMax: 2000 });
}

describe("a connection", () => {
  test("is found to be right where it is, and its keys too", async () => {
    const outcome = await run(plainPlan("harness"), target.port, "right/");
    expect(outcome.failure).toBeUndefined();
    expect(outcome.answered).toBeGreaterThan(2);
    expect(await wrongState(target, { prefix: "right/", outcome })).toBeUndefined();
  });

  test.each([
    ["another version", (text: string) => text.replace(/"version":(\d+)/, '"version":1$1')],
    ["another status", (text: string) => text.replace("HTTP/1.1 200 OK", "HTTP/1.1 202 OK")],
    ["a byte too many", (text: string) => `${text}\n`],
    ["a response twice", (text: string) => text + text],
    ["no response", () => ""],
    ["another connection's value", (text: string) => text.replace(/<harness:/g, "<another:")],
  ])("is found to be wrong with %s", async (_, change) => {
    const failures = await Promise.all(
      ["harness:1", "harness:2", "harness:3"].map(async (name) => {
        const { failure } = await run(plainPlan(name), await through(change), `${name} ${Math.random()}/`);
        return failure;
      }),
    );
    expect(failures.some((failure) => failure !== undefined)).toBe(true);
  });
});

test("a write that is lost after its response is found", async () => {
  for (let number = 1; ; number++) {
    const prefix = `lost ${number}/`;
    const outcome = await run(plainPlan(`harness:${number}`), target.port, prefix);
    const lost = outcome.models[0]?.keys()[0];
    // This plan deleted everything that it had written.
    if (lost === undefined) continue;
    const path = `${target.surroundings(prefix).binding}/${encodeURIComponent(prefix + lost)}`;
    expect((await target.api.fetch(path, { method: "DELETE" })).status).toBe(200);
    expect(await wrongState(target, { prefix, outcome })).toContain(`${lost} is gone`);
    return;
  }
});

test("a change that a watch does not tell is found, and one that nobody made", async () => {
  const { binding } = target.surroundings("");
  const [early, late] = [await Watcher.start(target, "watched/"), new Model()];
  late.put("key", { value: Buffer.from("x"), metadata: null, ttlSeconds: null, version: undefined });
  expect(await early.stop([late], 100)).toContain("saw [], not [put key]");
  const watcher = await Watcher.start(target, "watched/");
  await target.api.fetch(`${binding}/watched%2Fkey`, { method: "PUT", body: "x" });
  expect(await watcher.stop([late])).toBeUndefined();
  const other = await Watcher.start(target, "watched/");
  await target.api.fetch(`${binding}/watched%2Fother`, { method: "PUT", body: "x" });
  expect(await other.stop([late], 1000)).toContain("saw [put other], not [put key]");
});

test("a failing plan shrinks to the requests that make it fail", async () => {
  const plan = plainPlan("harness:long:1");
  const [, culprit, , other] = plan.steps;
  const shortest = await shrink(plan, async ({ steps }) =>
    [culprit, other].every((needed) => steps.some(({ request }) => request.label === needed?.request.label)),
  );
  expect(new Set(shortest.steps.map(({ request }) => request.label))).toEqual(
    new Set([culprit?.request.label, other?.request.label]),
  );
});

test.each([
  ["no status line", "HTTP/2 200\r\n\r\n"],
  ["a header twice", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"],
  ["a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["no length", "HTTP/1.1 200 OK\r\n\r\n"],
  ["a chunk without its end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc0\r\n\r\n"],
  ["events", ":\n\n"],
])("a response with %s is refused", (_, text) => {
  const reader = new ResponseReader();
  reader.push(Buffer.from(text));
  expect(() => reader.next("GET")).toThrow(MalformedResponse);
});
