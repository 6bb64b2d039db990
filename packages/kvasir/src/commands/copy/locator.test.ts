import { describe, expect, test } from "vitest";
import { Failure } from "../../failure/failure.js";
import { parseCopyLocator } from "./locator.js";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const parse = (text: string, account?: string) => parseCopyLocator(text, { flag: "--from", account });

describe("parseCopyLocator", () => {
  test.each([
    ["./data#main", { kind: "directory", directory: "./data", namespace: "main", shown: "./data#main" }],
    ["lmdb:./data#main", { kind: "directory", directory: "./data", namespace: "main", shown: "./data#main" }],
    ["/a b/c#x y", { kind: "directory", directory: "/a b/c", namespace: "x y", shown: "/a b/c#x y" }],
    ["d#a#b", { kind: "directory", directory: "d", namespace: "a#b", shown: "d#a#b" }],
    [
      "http://127.0.0.1:8788#main",
      {
        kind: "server",
        url: "http://127.0.0.1:8788",
        namespace: "main",
        shown: "http://127.0.0.1:8788#main",
      },
    ],
    [
      "HTTPS://kv.example.com/client/v4/#a/b",
      {
        kind: "server",
        url: "https://kv.example.com",
        namespace: "a/b",
        shown: "https://kv.example.com#a/b",
      },
    ],
    [
      `cloudflare:${ACCOUNT}/sessions`,
      {
        kind: "cloudflare",
        account: ACCOUNT,
        namespace: "sessions",
        shown: `cloudflare:${ACCOUNT}/sessions`,
      },
    ],
    [
      `cloudflare:${ACCOUNT}/a/b#c`,
      { kind: "cloudflare", account: ACCOUNT, namespace: "a/b#c", shown: `cloudflare:${ACCOUNT}/a/b#c` },
    ],
    [
      "valkey://user:secret@host:6379#main",
      {
        kind: "store",
        locator: "valkey://user:secret@host:6379",
        namespace: "main",
        shown: "valkey://…@host:6379#main",
      },
    ],
  ])("%s", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test("takes the account from the environment", () => {
    expect(parse("cloudflare:sessions", ACCOUNT)).toMatchObject({ account: ACCOUNT, namespace: "sessions" });
    expect(parse("cloudflare:other/sessions", ACCOUNT)).toMatchObject({ account: "other" });
  });

  test.each([
    ["", "--from is empty."],
    ["./data", '--from "./data" names no namespace.'],
    ["./data#", '--from "./data#" names no namespace.'],
    ["#main", "--from names no data directory before #main."],
    [":memory:#main", "--from names a store in memory, which ends with this command."],
    ["http://#main", '--from "http://" is not a URL.'],
    ["http://127.0.0.1:8788", '--from "http://127.0.0.1:8788" names no namespace.'],
    ["http://user:secret@host#main", "--from contains a user or a password, which Kvasir does not use."],
    ["cloudflare:", '--from "cloudflare:" names no namespace.'],
    [`cloudflare:${ACCOUNT}/`, `--from "cloudflare:${ACCOUNT}/" names no namespace.`],
    ["cloudflare:sessions", '--from "cloudflare:sessions" names no account.'],
    ["cloudflare:my account/sessions", '"my account" is not the id of an account at Cloudflare.'],
    ["valkey://user:secret@host", '--from "valkey://…@host" names no namespace.'],
  ])("refuses %j", (text, message) => {
    const thrown = catching(() => parse(text));
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ message, hint: expect.stringMatching(/\.$/) });
    expect(JSON.stringify(thrown) + (thrown as Failure).hint).not.toContain("secret");
  });
});

function catching(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
