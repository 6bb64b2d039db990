import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startApi, type TestApi } from "../../harness/api.js";
import { Random } from "../../harness/random.js";

const HOST = "Host: localhost\r\n";

/** A request, and the expected body of its response once all requests before it are carried out. */
interface Step {
  readonly text: string;
  readonly status: number;
  readonly body?: string;
}

type Form = (method: string, path: string, body: string) => string;

const plain: Form = (method, path, body) =>
  `${method} ${path} HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`;
const notPlain: Form = (method, path, body) =>
  plain(method, path, body).replace("\r\n", "\r\nTE: trailers\r\n");
const chunked: Form = (method, path, body) => {
  const half = body.length >> 1;
  const chunks = [body.slice(0, half), body.slice(half), ""].filter(
    (text, at, all) => text !== "" || at === all.length - 1,
  );
  const lines = chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${lines.join("")}`;
};
const expecting: Form = (method, path, body) =>
  plain(method, path, body).replace("\r\n", "\r\nExpect: 100-continue\r\n");

/** Sends everything at once, or cut as `cut` chooses, and splits what comes back into responses. */
async function converse(api: TestApi, steps: readonly Step[], cut?: Random): Promise<void> {
  const socket = connect({ port: api.server.port, host: "127.0.0.1", noDelay: true });
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  const all = steps.map((step) => step.text).join("");
  for (let at = 0; at < all.length; ) {
    const length = cut === undefined ? all.length : cut.pick([1, 3, 60, 2000, 70_000]);
    socket.write(Buffer.from(all.slice(at, at + length), "latin1"));
    at += length;
    if (cut !== undefined) await new Promise(setImmediate);
  }
  let at = 0;
  for (const [index, { status, body }] of steps.entries()) {
    const where = `answer ${index} to ${JSON.stringify(steps[index]?.text.slice(0, 60))}`;
    let head: RegExpExecArray | null = null;
    let end = 0;
    for (;;) {
      const pattern =
        /(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 ([2-5]\d\d) (?:[^\r]|\r(?!\n\r\n))*\r\n\r\n/y;
      pattern.lastIndex = at;
      head = pattern.exec(text);
      const hasBody = !steps[index]?.text.startsWith("HEAD");
      const length = Number(/\r\nContent-Length: (\d+)/i.exec(head?.[0] ?? "")?.[1] ?? 0);
      end = pattern.lastIndex + (hasBody ? length : 0);
      if (head !== null && text.length >= end) {
        expect(Number(head[1]), where).toBe(status);
        if (body !== undefined) expect(text.slice(end - length, end), where).toBe(body);
        break;
      }
      await once(socket, "data");
    }
    at = end;
  }
  expect(text.slice(at)).toBe("");
  socket.destroy();
}

describe("requests of one connection are carried out one after the other", () => {
  it.each([
    ["1,500 writes and a read after each, in one piece", 1500, ""],
    ["500 of them that Node's server reads", 500, notPlain("GET", "/healthz", "")],
  ] as const)("%s", async (_, pairs, first) => {
    const api = await startApi();
    const steps: Step[] = first === "" ? [] : [{ text: first, status: 200 }];
    for (let pair = 0; pair < pairs; pair++) {
      const path = `${api.binding}/key-${pair % 7}`;
      steps.push({ text: plain("PUT", path, `value ${pair}`), status: 200 });
      steps.push({ text: plain("GET", path, ""), status: 200, body: `value ${pair}` });
    }
    await converse(api, steps);
  });

  it("in whatever form they come, and however they are cut", async () => {
    const api = await startApi();
    const seed = 7230;
    const random = new Random(seed);
    for (let round = 0; round < 30; round++) {
      const stored = new Map<string, string>();
      const steps: Step[] = [];
      for (let index = 0; index < 40; index++) {
        const key = `${round}-${random.below(3)}`;
        const path = `${api.binding}/${key}`;
        // Plain ones first, because a connection that has been handed over stays so.
        const form = index < round ? plain : random.pick([plain, plain, notPlain, chunked, expecting]);
        const value = stored.get(key);
        const found = value === undefined ? 404 : 200;
        switch (random.below(6)) {
          case 0:
          case 1: {
            const body = "\r\n\r\nGET / HTTP/1.1\r\n\r\n".repeat(random.pick([1, 10, 1000])) + index;
            steps.push({ text: form("PUT", path, body), status: 200 });
            stored.set(key, body);
            break;
          }
          case 2:
            steps.push({ text: plain("DELETE", path, ""), status: 200 });
            stored.delete(key);
            break;
          case 3:
            steps.push({ text: plain("HEAD", path, ""), status: found });
            break;
          case 4:
            steps.push({
              text: form === plain ? plain("GET", path, "") : plain("OPTIONS", path, ""),
              status: form === plain ? found : 204,
            });
            break;
          default:
            steps.push({
              text: plain("GET", path, ""),
              status: found,
              ...(value === undefined ? {} : { body: value }),
            });
        }
      }
      try {
        await converse(api, steps, round % 2 === 0 ? random : undefined);
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
  });
});
