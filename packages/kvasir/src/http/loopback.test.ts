import { KvError } from "@kvasir/client/namespace";
import { describe, expect, test } from "vitest";
import { checkLocal, isLoopback } from "./loopback.js";

/** The code with which a request is refused, or `undefined` if it is allowed. */
function refusalOf(headers: { readonly host?: string; readonly origin?: string }): string | undefined {
  try {
    checkLocal({ rawHeaders: [], headers });
    return undefined;
  } catch (error) {
    if (error instanceof KvError) return error.code;
    throw error;
  }
}

const LOCAL = [
  "localhost",
  "LocalHost",
  "localhost.",
  "app.localhost",
  "a.b.localhost.",
  "127.0.0.1",
  "127.1.2.3",
  "127.1",
  "0x7f.0.0.1",
  "2130706433",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000::0001]",
];

const FOREIGN = [
  "",
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "127.0.0.1.",
  "evillocalhost",
  "localhost..",
  "127.999.1.1",
  "10.0.0.1",
  "0.0.0.0",
  "[::]",
  "[::2]",
  "[::1",
  "[::ffff:10.0.0.1]",
  "[::1%25lo]",
  "localhost:99999",
  "localhost:80:80",
  "evil.example#.localhost",
  "evil.example#localhost",
  "evil.example?.localhost",
  "evil.example/.localhost",
  "evil.example\\.localhost",
  "localhost@evil.example",
  "localhost:1@evil.example",
  "evil.example@localhost",
  "@localhost",
  "localhost/",
  "localhost#",
  "localhost?",
  "localhost, evil.example",
  "localhost,evil.example",
  "localhost evil.example",
  "localhost\tevil.example",
  "xn--lcalhost-n2a",
  "l\u043ecalhost",
  "locаlhost.evil.example",
  "%00.localhost",
  "evil.example%23.localhost",
];

describe("a request without a token", () => {
  const withPorts = LOCAL.flatMap((host) => [host, `${host}:8788`]);
  test.each(withPorts)("may name the host %j, and come from it", (host) => {
    expect(refusalOf({ host })).toBeUndefined();
    expect(refusalOf({ host: "localhost", origin: `http://${host}` })).toBeUndefined();
    expect(refusalOf({ host: "localhost", origin: `HTTPS://${host}` })).toBeUndefined();
  });

  test.each(FOREIGN.filter((host) => host !== "127.0.0.1."))(
    "may not name the host %j, nor come from it",
    (host) => {
      expect(refusalOf({ host })).toBe("forbidden");
      expect(refusalOf({ host: "localhost", origin: `http://${host}` })).toBe("forbidden");
    },
  );

  test.each([
    "null",
    "",
    "localhost",
    "//localhost",
    "file://",
    "file://localhost",
    "ftp://localhost",
    "chrome-extension://localhost",
    "http:localhost",
    "http:/localhost",
    "http:///localhost",
    "blob:http://localhost",
    " http://localhost",
    "http://localhost ",
    "http://localhost, http://evil.example",
    "http://evil.example, http://localhost",
    "http://localhost/path",
  ])("may not come from %j", (origin) => {
    expect(refusalOf({ host: "localhost", origin })).toBe("forbidden");
  });
});

describe("an address to listen on", () => {
  test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])(
    "%s is loopback",
    (address) => {
      expect(isLoopback(address)).toBe(true);
    },
  );

  test.each([
    "0.0.0.0",
    "::",
    "evil.localhost",
    "127.0.0.1.evil.example",
    "127.999.1.1",
    "127.1",
    "[::2]",
    "",
  ])("%s is not", (address) => {
    expect(isLoopback(address)).toBe(false);
  });
});
