import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { open } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countedBinding } from "../../../../../testing/harness/bindings.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { RequestSession } from "../sessions/request-session.js";
import type { Sessions } from "../sessions/session.js";
import { sessions } from "../sessions/sessions.js";
import { sessionMiddleware, type WithSession } from "./sessions.js";

interface Data {
  readonly visits: number;
}

type Handler = (session: RequestSession<Data>, res: ServerResponse) => unknown;

let database: ReturnType<typeof open>;
let calls: string[];
let kv: KVNamespace;
let all: Sessions<Data>;
let closeServer: () => void = () => undefined;

beforeEach(() => {
  database = open(":memory:");
  calls = [];
  kv = countedBinding(database.namespace("sessions"), calls);
  all = sessions<Data>(kv);
});
afterEach(async () => {
  closeServer();
  await database.close();
});

/** A server in the style of connect: the middleware, then a handler. Errors become a 500. */
async function serve(handler: Handler): Promise<(cookie?: string) => Promise<Response>> {
  const middleware = sessionMiddleware<Data, IncomingMessage & WithSession<Data>>(all, {
    initial: () => ({ visits: 0 }),
  });
  const server = createServer((req: IncomingMessage & WithSession<Data>, res) => {
    void middleware(req, res, (error) => {
      if (error === undefined) return handler(req.session as RequestSession<Data>, res);
      res.statusCode = 500;
      return res.end((error as { code?: string }).code);
    });
  }).listen(0, "127.0.0.1");
  closeServer = () => server.close();
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (cookie) => fetch(url, { headers: { Connection: "close", ...(cookie ? { Cookie: cookie } : {}) } });
}

const cookieOf = (response: Response): string =>
  (response.headers.getSetCookie()[0] ?? "").split(";", 1)[0] as string;

const visit: Handler = (session, res) => {
  session.update(({ visits }) => ({ visits: visits + 1 }));
  res.setHeader("Set-Cookie", "mine=1");
  res.end(String(session.data.visits));
};

test("its changes are made before the answer goes", async () => {
  const ask = await serve(visit);
  const first = await ask();
  expect(await first.text()).toBe("1");
  expect(first.headers.getSetCookie()).toEqual(["mine=1", expect.stringMatching(/^__Host-session=/)]);
  expect(first.headers.get("Cache-Control")).toBe("private");
  const id = first.headers.getSetCookie()[1]?.split(";", 1)[0];
  calls.length = 0;
  const second = await ask(id);
  expect(await second.text()).toBe("2");
  expect(calls).toEqual(["list", "put"]);
  expect(second.headers.getSetCookie()).toEqual(["mine=1"]);
  expect([second.headers.get("Vary"), second.headers.get("Cache-Control")]).toEqual(["Cookie", "private"]);
});

test("an answer that changes nothing is not held back, and says nothing of the session", async () => {
  const ask = await serve((_session, res) => {
    res.end("same for all");
    expect(res.writableEnded).toBe(true);
  });
  const answer = await ask();
  expect(await answer.text()).toBe("same for all");
  expect([answer.headers.get("Vary"), answer.headers.get("Set-Cookie")]).toEqual([null, null]);
  expect(calls).toEqual([]);
});

test("a handler that writes early commits before", async () => {
  const ask = await serve(async (session, res) => {
    session.login("ada");
    await session.commit();
    res.write("first ");
    res.end("second");
  });
  const answer = await ask();
  expect(await answer.text()).toBe("first second");
  expect(await all.list("ada")).toHaveLength(1);
  expect(cookieOf(answer)).toMatch(/^__Host-session=/);
});

test.each<[string, Handler]>([
  ["writeHead", (_, res) => res.writeHead(201, { "Content-Type": "text/plain" }).end("done")],
  ["writeHead with a message", (_, res) => res.writeHead(201, "Made", ["X-A", "1", "X-A", "2"]).end("done")],
  ["write", (_, res) => [res.write("do"), res.end("ne")]],
  ["flushHeaders", (_, res) => [res.flushHeaders(), res.end("done")]],
  ["a stream", (_, res) => Readable.from(["do", "ne"]).pipe(res)],
])("a response that begins with %s carries the cookie of a session that is new", async (_, respond) => {
  const ask = await serve((session, res) => {
    session.update(({ visits }) => ({ visits: visits + 1 }));
    res.setHeader("Cache-Control", "public, max-age=60");
    return respond(session, res);
  });
  const first = await ask();
  expect(await first.text()).toBe("done");
  expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=/)]);
  expect(first.headers.get("Cache-Control")).toBe("private, max-age=60");
  const id = cookieOf(first).slice("__Host-session=".length);
  expect((await all.get(id))?.data).toEqual({ visits: 1 });
});

test("headers that writeHead is given do not undo what the session says", async () => {
  const ask = await serve((session, res) => {
    res.writeHead(200);
    res.end(String(session.data.visits));
  });
  // The session is read before the head is sent.
  const reading = await serve((session, res) => {
    const { visits } = session.data;
    res.writeHead(200, { "Cache-Control": "public, max-age=60", "CDN-Cache-Control": "max-age=60" });
    res.end(String(visits));
  });
  const late = await ask();
  expect([await late.text(), late.headers.get("Cache-Control")]).toEqual(["0", "private"]);
  const answer = await reading();
  expect(answer.headers.get("Cache-Control")).toBe("private, max-age=60");
  expect(answer.headers.get("CDN-Cache-Control")).toBeNull();
  expect(answer.headers.get("Vary")).toBe("Cookie");
});

test("an answer that was begun before its end is ended in peace, although the session was prolonged", async () => {
  all = sessions<Data>(kv, { renewShare: 0 });
  const { id } = await all.create({ visits: 1 });
  // Makes the last use as old as the store can tell.
  await kv.touch((await kv.list()).keys[0]?.name ?? "", { expirationTtl: 60 });
  const ask = await serve((session, res) => {
    res.write("first ");
    res.end(String(session.data.visits));
  });
  calls.length = 0;
  const answer = await ask(`__Host-session=${id}`);
  expect([answer.status, await answer.text()]).toEqual([200, "first 1"]);
  expect(calls).toEqual(["list", "touch"]);
});

test("a logout counts, although the handler fails after it", async () => {
  const { id } = await all.create({ visits: 1 });
  const ask = await serve((session, res) => {
    session.destroy();
    res.statusCode = 500;
    res.end("broken");
  });
  const answer = await ask(`__Host-session=${id}`);
  expect([answer.status, await answer.text()]).toEqual([500, "broken"]);
  expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining("Max-Age=0")]);
  expect(await all.get(id)).toBeNull();
});

test("an answer of status 500 and above changes nothing", async () => {
  const ask = await serve((session, res) => {
    session.login("ada");
    res.statusCode = 503;
    res.end();
  });
  expect((await ask()).status).toBe(503);
  expect(await all.list("ada")).toEqual([]);
});

test("the second end of an answer neither overtakes the first nor changes it", async () => {
  const ask = await serve((session, res) => {
    session.login("ada");
    res.statusCode = 201;
    res.end("first");
    res.statusCode = 204;
    res.end("second");
  });
  const answer = await ask();
  expect([answer.status, await answer.text()]).toEqual([201, "first"]);
});

test("what cannot be stored reaches the server's error handler, and no answer says that it was", async () => {
  const ask = await serve((session, res) => {
    session.update(() => undefined as unknown as Data);
    res.end("done");
  });
  const answer = await ask();
  expect([answer.status, await answer.text()]).toEqual([500, "value_invalid"]);
});

test("a store that does not answer reaches the error handler too", async () => {
  const ask = await serve(visit);
  const cookie = (await ask()).headers.getSetCookie()[1]?.split(";", 1)[0];
  all.get = () => Promise.reject(Object.assign(new Error("gone"), { code: "unavailable" }));
  expect(await (await ask(cookie)).text()).toBe("unavailable");
});
