import { describe, expect, it } from "vitest";
import { compareRoutes, parseRoute, type Route, routesOf } from "./routes.js";

const document = { path: "wrangler.json", value: {}, locate: () => "wrangler.json:3" };

describe("routes", () => {
  it.each([
    ["example.com", "example.com", false, "/", false],
    ["Example.com/*", "example.com", false, "/", true],
    ["https://example.com/api/*", "example.com", false, "/api/", true],
    ["*.example.com/a", ".example.com", true, "/a", false],
    ["*example.com/*", "example.com", true, "/", true],
    ["*/*", "", true, "/", true],
    ["localhost:8787/*", "localhost", false, "/", true],
    ["bücher.example/*", "xn--bcher-kva.example", false, "/", true],
  ])("%s is understood", (pattern, host, hostWildcard, path, pathWildcard) => {
    expect(parseRoute(pattern)).toEqual({ pattern, host, hostWildcard, path, pathWildcard });
  });

  it.each([
    ["example.com/a*b", 'has a "*" in the middle'],
    ["a.*.com/", 'has a "*" in the middle'],
    ["example.com/a?b", "contains a query string"],
    ["/only/a/path", "names no host"],
    ["exa mple.com/*", "names a host that is none"],
  ])("%s is refused", (pattern, problem) => {
    expect(parseRoute(pattern)).toBe(problem);
    expect(() => routesOf(document, { routes: [{ pattern }] })).toThrow(
      `wrangler.json:3: the route "${pattern}" ${problem}.`,
    );
  });

  it("of a custom domain are whole hosts", () => {
    const custom = (pattern: string) => routesOf(document, { route: { pattern, custom_domain: true } });
    expect(custom("shop.example.com")).toMatchObject([
      { host: "shop.example.com", path: "/", pathWildcard: true },
    ]);
    expect(() => custom("*.example.com")).toThrow('is a custom domain, which has no "*"');
    expect(() => custom("example.com/a")).toThrow("is a custom domain, which has no path");
  });

  it("are ordered from the most specific on", () => {
    const patterns = [
      "*/*",
      "*.example.com/*",
      "*.sub.example.com/*",
      "example.com/*",
      "example.com/a*",
      "example.com/a",
    ];
    const sorted = patterns.map((pattern) => parseRoute(pattern) as Route).sort(compareRoutes);
    expect(sorted.map(({ pattern }) => pattern)).toEqual([
      "example.com/a",
      "example.com/a*",
      "example.com/*",
      "*.sub.example.com/*",
      "*.example.com/*",
      "*/*",
    ]);
  });
});
