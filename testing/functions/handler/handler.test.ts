import { afterEach, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

let project: Project;
let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

async function start(files: Record<string, string>, path = "fn.js"): Promise<Running> {
  project = new Project(files);
  running = await runFunctions([`${project.root}/${path}`]);
  return running;
}

describe("a handler", () => {
  it("answers, whichever way it is written", async () => {
    const ways = [
      "export async function handler(request) { return new Response('ok ' + request.method); }",
      "export default async (request) => new Response('ok ' + request.method);",
      "async function handler(request) { return new Response('ok ' + request.method); }",
      "const handler = async (request) => new Response('ok ' + request.method);",
      "const handler = async (request) => new Response('ok ' + request.method);\nexport { handler };",
      "exports.handler = async (request) => new Response('ok ' + request.method);",
      "module.exports = { handler: (request) => new Response('ok ' + request.method) };",
    ];
    for (const code of ways) {
      const { text, close } = await start({ "fn.js": code });
      expect(await text(), code).toBe("ok GET");
      await close();
      running = undefined;
      project.remove();
    }
  });

  it("finds the documented helpers, which keep what they are given", async () => {
    const { text, database } = await start({
      "fn.js": `async function handler() {
        await kvPut("user:1", "Ada ü");
        await kvPutWithTTL("short", "lived", 5);
        await kvPutWithExpiry("wrapped", "value", 60);
        const seen = [
          await kvGet("user:1"), await kvGet("missing"), await kvGet("short"), await kvGetWithExpiry("wrapped"),
          await kvGetWithExpiry("missing"), await kvList(), await kvList("us"),
        ];
        await kvDelete("user:1");
        await kvDelete("user:1");
        return Response.json([...seen, await kvGet("user:1"), toBase64("ü"), fromBase64(toBase64("ü€"))]);
      }`,
    });
    expect(JSON.parse(await text())).toEqual([
      "Ada ü",
      null,
      "lived",
      "value",
      null,
      ["short", "user:1", "wrapped"],
      ["user:1"],
      null,
      "w7w=",
      "ü€",
    ]);
    const { namespaces } = await database.catalog.list();
    expect(namespaces.map(({ title }) => title)).toEqual(["fn"]);
  });
});
