/**
 * Faults tolerated here: a multipart body of any form. The parser runs callbacks in turns of the event loop
 * of its own, where an exception would end the process. Each body must get a response in the dialect's form
 * instead, and the server goes on. Vitest fails on every exception that reaches the process.
 */
import { describe, expect, it } from "vitest";
import { type CloudflareError, jsonOf, startApi, type TestApi } from "../harness/api.js";
import { Random, runSeed } from "../harness/random.js";

const VALUE = 'Content-Disposition: form-data; name="value"\r\n\r\nhello';

function form(...parts: readonly string[]): string {
  return `${parts.map((part) => `--B\r\n${part}\r\n`).join("")}--B--\r\n`;
}

async function send(api: TestApi, body: string): Promise<Response> {
  return api.fetch(`${api.cloudflare}/values/form`, {
    method: "PUT",
    headers: { "Content-Type": "multipart/form-data; boundary=B" },
    body: Buffer.from(body, "latin1"),
  });
}

describe("a multipart body that is not one", () => {
  it.each([
    ["a part without a name", form("Content-Disposition: form-data\r\n\r\nhello")],
    ["a part without a name beside the value", form(VALUE, "Content-Disposition: form-data\r\n\r\nx")],
    ["a file without a name", form('Content-Disposition: form-data; filename="a"\r\n\r\nx', VALUE)],
    ["no value", form('Content-Disposition: form-data; name="metadata"\r\n\r\n{}')],
    ["two values", form(VALUE, VALUE)],
    ["no part", "--B--\r\n"],
    ["no boundary", "hello"],
    ["nothing", ""],
    ["a part without headers", "--B\r\n\r\nhello\r\n--B--\r\n"],
    ["an end within the headers", "--B\r\nContent-Disposition: form-"],
    ["an end within the value", "--B\r\nContent-Disposition: form-data; name=value\r\n\r\nhel"],
    ["too many parts", form(...Array.from({ length: 1100 }, (_, at) => VALUE.replace("value", `v${at}`)))],
  ])("with %s is refused with 400", async (_, body) => {
    const api = await startApi();
    const response = await send(api, body);
    expect(response.status).toBe(400);
    const { success, errors } = (await jsonOf(response)) as CloudflareError;
    expect(success).toBe(false);
    expect(errors[0]?.message).not.toContain("Internal");
    expect((await api.fetch("/healthz")).status).toBe(200);
  });

  it("of any kind gets a response, and never ends the server", async () => {
    const api = await startApi();
    const seed = runSeed();
    const random = new Random(seed);
    const whole = form(VALUE, 'Content-Disposition: form-data; name="metadata[a]"\r\n\r\n1');
    for (let round = 0; round < ROUNDS; round++) {
      const response = await send(api, spoilt(whole, random));
      await response.arrayBuffer();
      expect([200, 400, 413], `KVASIR_FAULT_SEED=${seed}, round ${round}`).toContain(response.status);
    }
  });
});

const ROUNDS = 300;
const PIECES = [
  "",
  "\r\n",
  "--B",
  "--",
  ";",
  "=",
  '"',
  "name",
  "filename*=utf-8''%ff",
  "; charset=x",
  "\0",
  "\xff",
];

/** A body with some bytes removed and some pieces of the syntax inserted. */
function spoilt(body: string, random: Random): string {
  let text = body;
  for (let change = random.between(1, 3); change > 0; change--) {
    const at = random.between(0, text.length);
    text = text.slice(0, at) + random.pick(PIECES) + text.slice(at + random.between(0, 6));
  }
  return text;
}
