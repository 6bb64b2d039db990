import { describe, expect, it } from "vitest";
import { startApi } from "../../harness/api.js";
import { sendRaw } from "../../harness/raw.js";
import { operationsOf, pathFor } from "../operations.js";

const LOCAL_HOSTS = ["127.0.0.1", "localhost", "LOCALHOST:8788", "[::1]:1", "app.localhost", "127.1.2.3"];
const FOREIGN_HOSTS = [
  "example.com",
  "127.0.0.1.example.com",
  "localhost.example.com",
  "10.0.0.1",
  "[::2]",
  "",
];
const LOCAL_ORIGINS = ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:8788"];
const FOREIGN_ORIGINS = [
  "null",
  "http://example.com",
  "https://localhost.example.com",
  "http://example.com:80#localhost",
  "http://evil.example#.localhost",
  "file://",
  "localhost",
];

describe("in dev, where nobody needs a token", () => {
  it("refuses foreign hosts and origins on every operation, known or not", async () => {
    const api = await startApi();
    const { port } = api.server;
    const targets = (await operationsOf(api)).map(({ method, path }) => [method, pathFor(path, api)]);
    targets.push(
      ["GET", "/nothing"],
      ["OPTIONS", api.cloudflare],
      ["HEAD", "/healthz"],
      ["POST", "/healthz"],
    );
    const wrong: string[] = [];
    for (const [method, path] of targets) {
      for (const header of ["Host: example.com", "Host: localhost\r\nOrigin: null"]) {
        const head = `${method} ${path} HTTP/1.1\r\n${header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
        const { status } = await sendRaw(port, [head]);
        if (status !== 403) wrong.push(`${method} ${path} with ${header}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ...LOCAL_HOSTS.map((host) => [`Host: ${host}`, 200]),
    ...FOREIGN_HOSTS.map((host) => [`Host: ${host}`, 403]),
    ...LOCAL_ORIGINS.map((origin) => [`Host: localhost\r\nOrigin: ${origin}`, 200]),
    ...FOREIGN_ORIGINS.map((origin) => [`Host: localhost\r\nOrigin: ${origin}`, 403]),
  ])("answers %j with %i", async (header, status) => {
    const api = await startApi();
    const head = `GET ${api.binding}/?prefix= HTTP/1.1\r\n${header}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(api.server.port, [head])).status).toBe(status);
  });
});
