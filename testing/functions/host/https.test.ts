import { readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ownCertificate } from "../../../packages/kvasir/src/server/own-certificate.js";
import { kvasir, startKvasir } from "../../harness/command.js";
import { startFunction } from "../../harness/start-function.js";
import { temporaryDirectory, temporaryProject } from "../../harness/temporary-directory.js";

const FREE_PORTS = ["--port", "0", "--api-port", "0"];
const HTTPS = ["--local-protocol", "https", ...FREE_PORTS];

const ECHO = (version: string) => `export default {
  fetch(request) {
    if (request.headers.get("Upgrade") === "websocket") {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", ({ data }) => server.send("echo " + data));
      return new Response(null, { status: 101, webSocket: client });
    }
    return new Response("${version} " + request.url);
  },
  scheduled() { console.log("scheduled"); },
};`;
const CONFIG = (name: string, settings = {}) =>
  JSON.stringify({ name, main: "w.js", compatibility_date: "2026-01-01", ...settings });

interface Asked {
  readonly ca: string;
  readonly host?: string;
  readonly agent?: Agent;
}

/** GET, with a check of the certificate. */
function get(url: string, asked: Asked): Promise<string> {
  const { ca, host, agent } = asked;
  const headers = host === undefined ? {} : { Host: host };
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, headers, agent, servername: "localhost" }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    sent.on("error", (error) => {
      // The server may close an idle connection in the moment in which it is used again. Clients repeat a GET then.
      if (sent.reusedSocket) resolve(get(url, asked));
      else reject(error);
    });
    sent.end();
  });
}

function echo(url: string, ca: string): Promise<string> {
  const socket = new WebSocket(url.replace(/^https/, "wss"), { ca });
  return new Promise((resolve, reject) => {
    socket.on("open", () => socket.send("hello"));
    socket.on("error", reject);
    socket.on("message", (data) => {
      socket.close();
      resolve(String(data));
    });
  });
}

const certificateOf = (cwd: string) => readFileSync(join(cwd, ".kvasir/https/cert.pem"), "utf8");

describe("https", () => {
  it("serves one Worker across edits, its triggers and WebSockets, with a certificate that a restart keeps", async () => {
    const cwd = temporaryProject({ "wrangler.json": CONFIG("app"), "w.js": ECHO("one") });
    const dev = await startKvasir(["dev", ...HTTPS], { cwd });
    const url = dev.functions ?? "";
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const ca = certificateOf(cwd);
    expect(await get(`${url}/a?b=c`, { ca })).toBe(`one ${url}/a?b=c`);
    expect(await echo(url, ca)).toBe("echo hello");
    expect(await get(`${url}/cdn-cgi/handler/scheduled`, { ca })).toBe("ok");
    await dev.line(/scheduled/);
    await expect(get(url, { ca: "" })).rejects.toThrow(/self-signed/);
    await expect(fetch(url.replace("https", "http"))).rejects.toThrow();

    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    let isReloaded = false;
    void dev.line(/reloaded/).then(() => {
      isReloaded = true;
    });
    writeFileSync(join(cwd, "w.js"), ECHO("two"));
    while (!isReloaded) {
      await Promise.all(Array.from({ length: 4 }, () => get(`${url}/`, { ca, agent })));
    }
    agent.destroy();
    expect(await get(`${url}/`, { ca })).toBe(`two ${url}/`);
    expect(await dev.stop()).toBe(0);
    expect(dev.said).not.toMatch(/workerd:/);

    const again = await startKvasir(["dev", "--json", ...HTTPS], { cwd });
    expect(again.functions).toMatch(/^https:/);
    expect(await get(`${again.functions}/`, { ca })).toBe(`two ${again.functions}/`);
    expect(certificateOf(cwd)).toBe(ca);
  });

  it("serves several Workers through the router", async () => {
    const data = temporaryDirectory();
    const { url } = await startFunction(
      {
        "a/wrangler.json": CONFIG("a", { dev: { local_protocol: "https" } }),
        "a/w.js": ECHO("one"),
        "b/wrangler.json": CONFIG("b", { routes: ["shop.example.com/*"] }),
        "b/w.js": ECHO("shop"),
      },
      { paths: ["a", "b"], keypair: (host) => ownCertificate({ data, host, nowMs: Date.now() }) },
    );
    expect(url).toMatch(/^https:/);
    const ca = readFileSync(join(data, "https/cert.pem"), "utf8");
    expect(await get(`${url}/a/x`, { ca })).toBe(`one ${url}/x`);
    expect(await get(`${url}/x`, { ca, host: "shop.example.com" })).toBe("shop https://shop.example.com/x");
    expect(await echo(`${url}/a/`, ca)).toBe("echo hello");
  });

  it("takes the user's own certificate, and says in one sentence what is wrong with it", async () => {
    const cwd = temporaryProject({ "wrangler.json": CONFIG("app"), "w.js": ECHO("one") });
    await ownCertificate({ data: join(cwd, ".kvasir"), host: "127.0.0.1", nowMs: Date.now() });
    const [key, cert] = [".kvasir/https/key.pem", ".kvasir/https/cert.pem"];
    const own = ["--https-key-path", key, "--https-cert-path", cert, "--data", "other"];
    const dev = await startKvasir(["dev", ...HTTPS, ...own], { cwd });
    expect(await get(`${dev.functions}/`, { ca: certificateOf(cwd) })).toMatch(/^one https:/);
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--https-key-path", key], /^error: A certificate needs its key, and a key its certificate\. /],
      [["--https-key-path", "gone", "--https-cert-path", cert], /^error: The key \S+gone does not exist\. /],
      [["--local-protocol", "quic"], /^error: .*'quic' is invalid\. Allowed choices are http, https\./],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await kvasir(["dev", ...HTTPS, ...args], { cwd });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    const served = await kvasir(["serve", "--local-protocol", "https"], { cwd });
    expect(served).toMatchObject({ code: 1, stderr: expect.stringContaining("in front for https") });
  });
});

it("a trusted proxy's X-Forwarded-Proto reaches functions behind the router, and another client's does not", async () => {
  const files = { "a.js": ECHO("a"), "b.js": ECHO("b") };
  const headers = { "X-Forwarded-Proto": "https", "Kvasir-Proto": "https" };
  const ask = async (trustedProxies: readonly string[]) => {
    const { ask } = await startFunction(files, { paths: ["a.js", "b.js"], trustedProxies });
    return await (await ask("/a/", { headers })).text();
  };
  expect(await ask(["127.0.0.1"])).toMatch(/^a https:/);
  expect(await ask([])).toMatch(/^a http:/);
});
