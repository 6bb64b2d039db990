import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache, rateLimit, sessions } from "@kvasir/client/recipes";
import { rateLimiter, sessionMiddleware, type WithSession } from "@kvasir/client/recipes/express";
import { FakeClock, open } from "@kvasir/store";
import express, { type Response as Answer, type Request as Asked, type RequestHandler } from "express";
import CachePolicy from "http-cache-semantics";
import { afterAll, describe, expect, test } from "vitest";
import { Random } from "../harness/random.js";
import { PRIVACY_SEEDS } from "./limits.js";

interface Data {
  readonly visits: number;
}
type SessionRequest = Omit<Asked, "session"> & WithSession<Data>;

/** The types of `express-session`, which another test loads, say what `req.session` is. */
function handlerOf(handler: (req: SessionRequest, res: Answer, next: () => void) => unknown): RequestHandler {
  return handler as unknown as RequestHandler;
}

const directory = mkdtempSync(join(tmpdir(), "kvasir-privacy-"));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The ways in which a handler of Express responds. */
const WAYS: Readonly<Record<string, (res: Answer, body: string) => unknown>> = {
  json: (res, body) => res.json({ for: body }),
  end: (res, body) => res.end(JSON.stringify({ for: body })),
  write: (res, body) => {
    res.write('{"for":');
    res.end(`${JSON.stringify(body)}}`);
  },
  writeHead: (res, body) => {
    res.writeHead(200, { "Content-Type": "application/json" });
    res.end(JSON.stringify({ for: body }));
  },
  "writeHead with headers": (res, body) => {
    res.writeHead(200, "OK", { "Cache-Control": "public, max-age=60" });
    res.end(JSON.stringify({ for: body }));
  },
  sendFile: (res, body) => {
    const path = join(directory, encodeURIComponent(body));
    writeFileSync(path, JSON.stringify({ for: body }));
    res.sendFile(path, { cacheControl: false });
  },
};

/** An application of random shape behind a shared cache. */
class RandomApp {
  readonly clock = new FakeClock();
  readonly database = open(":memory:", { clock: this.clock });
  readonly all = sessions<Data>(this.database.namespace("sessions"), { clock: this.clock });
  readonly pages = cache(this.database.namespace("pages"), { clock: this.clock });
  readonly readsSession: boolean;
  readonly shape: string;
  readonly #app = express();
  #origin = "";

  constructor(random: Random) {
    const limiter = rateLimit(this.database.namespace("limits"), { limit: 1_000, windowSeconds: 60 });
    const middleware: Record<string, RequestHandler> = {
      session: handlerOf(
        sessionMiddleware<Data, SessionRequest>(this.all, {
          cookie: { secure: false },
          initial: () => ({ visits: 0 }),
        }),
      ),
      limiter: rateLimiter<Asked, Answer>(limiter, { key: () => "all" }),
      // As compression and timing middleware do.
      wrapped: (_req, res, next) => {
        const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => Answer;
        res.writeHead = (...args: unknown[]) => {
          res.setHeader("X-Wrapped", "1");
          return writeHead(...args);
        };
        next();
      },
    };
    const order = Object.keys(middleware).sort(() => random.next() - 0.5);
    for (const name of order) this.#app.use(middleware[name] as RequestHandler);
    this.readsSession = random.chance(0.8);
    const [way, respond] = random.pick(Object.entries(WAYS));
    const control = random.pick(["public, max-age=60", "s-maxage=60", "max-age=60", "public", ""]);
    const readsLate = random.chance(0.5);
    this.shape = `${order.join(" > ")} > ${way}, ${control}, ${readsLate ? "late" : "early"}`;
    const answer = (req: SessionRequest, res: Answer) => {
      const name = () => (this.readsSession ? (req.session?.userId ?? "nobody") : "all");
      const early = readsLate ? undefined : name();
      if (control !== "") res.setHeader("Cache-Control", control);
      if (control !== "") res.setHeader("CDN-Cache-Control", "max-age=60");
      respond(res, early ?? name());
    };
    this.#app.get("/", handlerOf(answer));
  }

  async start(): Promise<void> {
    const server = await new Promise<Server>((resolve) => {
      const started = this.#app.listen(0, "127.0.0.1", () => resolve(started));
    });
    servers.push(server);
    this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Asks the shared cache, which asks the application. */
  async ask(headers: Record<string, string>): Promise<{ seen: string; shared: Response }> {
    let own: Response | undefined;
    const shared = await this.pages.cached(new Request(this.#origin, { headers }), async (request) => {
      own = await fetch(request);
      return own.clone();
    });
    if (own !== undefined && this.readsSession) this.#refuseToShare(own, headers);
    return { seen: ((await shared.json()) as { for: string }).for, shared };
  }

  /** What any shared cache makes of a response that depended on its visitor. */
  #refuseToShare(response: Response, headers: Record<string, string>): void {
    const said = Object.fromEntries(response.headers);
    const policy = new CachePolicy(
      { method: "GET", url: "/", headers },
      { status: response.status, headers: said },
      { shared: true },
    );
    expect([this.shape, policy.storable()]).toEqual([this.shape, false]);
    expect(said["vary"]).toMatch(/cookie/i);
    expect(said["cdn-cache-control"]).toBeUndefined();
  }
}

describe("a page of Express that depended on its visitor is shown to nobody else", () => {
  test.each(Array.from({ length: PRIVACY_SEEDS }, (_, seed) => seed))("seed %d", async (seed) => {
    const random = new Random(seed);
    const app = new RandomApp(random);
    await app.start();
    const visitors: { name: string; headers: Record<string, string> }[] = [{ name: "nobody", headers: {} }];
    for (const name of ["ada", "bob"]) {
      const { id } = await app.all.create({ visits: 1 }, { userId: name });
      visitors.push({ name, headers: { cookie: `session=${id}` } });
    }
    for (let asked = 0; asked < 6; asked++) {
      const { name, headers } = random.pick(visitors);
      const { seen } = await app.ask(headers);
      expect([app.shape, seen]).toEqual([app.shape, app.readsSession ? name : "all"]);
    }
    await app.database.close();
  });
});

test("a session that is first read while the body is sent is refused, unless the head says private", async () => {
  const database = open(":memory:");
  const app = express();
  const all = sessions<Data>(database.namespace("sessions"));
  app.use(handlerOf(sessionMiddleware<Data, SessionRequest>(all)));
  const answer = (req: SessionRequest, res: Answer) => {
    res.setHeader("Cache-Control", String(req.params["control"]));
    res.write("for ");
    try {
      res.end(req.session?.userId ?? "nobody");
    } catch (error) {
      res.end((error as Error).name);
    }
  };
  app.get("/:control", handlerOf(answer));
  const server = app.listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const said = async (control: string) => (await fetch(`http://127.0.0.1:${port}/${control}`)).text();
  expect([await said("public"), await said("private")]).toEqual(["for TypeError", "for nobody"]);
  await database.close();
});
