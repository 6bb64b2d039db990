import { describe, expect, test } from "vitest";
import { parseClusterLocator } from "./locator.js";

const parse = (rest: string) => parseClusterLocator(rest, { tls: false });

describe("the locator of a cluster", () => {
  test("names seeds, the store and what it promises", () => {
    expect(parse("a:7000,b,[::1]:7002/shop?acks=1&reads=strong&buckets=64&replicas=2")).toEqual({
      seeds: [
        { host: "a", port: 7000 },
        { host: "b", port: 6379 },
        { host: "::1", port: 7002 },
      ],
      name: "shop",
      username: undefined,
      password: undefined,
      tls: false,
      acks: "1",
      reads: "strong",
      buckets: 64,
      replicas: 2,
    });
    expect(parse("a/shop")).toMatchObject({ acks: "all", reads: "primary", buckets: 16, replicas: null });
  });

  test.each([
    ["ada:s3cret@a/shop", "ada", "s3cret"],
    [":s3cret@a/shop", undefined, "s3cret"],
    [":p%40ss%2Fw:rd@a/shop", undefined, "p@ss/w:rd"],
    [":p@ss@a/shop", undefined, "p@ss"],
  ])("%s has a user and a password", (rest, username, password) => {
    expect(parse(rest)).toMatchObject({ username, password, seeds: [{ host: "a", port: 6379 }] });
  });

  test.each([
    ["a:7000", "no name"],
    ["a:7000/", "no name"],
    ["a/{x}", '"{x}"'],
    ["/shop", "no host"],
    ["", "no host"],
    ["a:99999/shop", '"a:99999"'],
    ["a,/shop", '""'],
    ["a/shop?acks=2", "acks=2"],
    ["a/shop?reads=stale", "reads=stale"],
    ["a/shop?buckets=3", "buckets=3"],
    ["a/shop?buckets=2048", "buckets=2048"],
    ["a/shop?ttl=1", '"ttl"'],
    ["a/shop?acks=1&acks=all", "acks twice"],
    ["a/0", "number of a database"],
    ["ada@a/shop", "user without a password"],
    ["a/%zz", "percent-encoded"],
  ])("%s is refused: %s", (rest, says) => {
    expect(() => parse(rest)).toThrow(
      expect.objectContaining({ code: "bad_request", message: expect.stringContaining(says) }),
    );
  });

  test.each([":s3cret@", ":s3cret@a", ":s3cret@a/{x}", "s3cret@a/x", ":s3cret%@a/x", ":s3cret@a/x?acks=9"])(
    "%s is refused without its password",
    (rest) => {
      const error = (() => {
        try {
          return parse(rest);
        } catch (thrown) {
          return thrown as Error & { hint?: string };
        }
      })();
      expect(error).toBeInstanceOf(Error);
      expect(JSON.stringify([String(error), error])).not.toContain("s3cret");
    },
  );
});
