import { describe, expect, it } from "vitest";
import type { Dialect, Method, Route } from "./route.js";
import { Router } from "./router.js";

function route(method: Method, path: string): Route {
  return {
    method,
    path,
    operation: `${method} ${path}`,
    access: "read",
    bound: "refused",
    describe: { summary: "", answer: { description: "" } },
    handle() {},
  };
}

function routerOf(...routes: readonly Route[]): Router {
  const dialect: Dialect = { name: "test", prefix: "", routes, renderError() {} };
  return new Router([dialect]);
}

const PATHS = [
  "/",
  "/{a}",
  "/bulk/get",
  "/{a}/increment",
  "/v/{a}/x/{b}",
  "/v/{a}/x",
  "/v/one/x/two",
  "/k/{a}",
  "/k/{a}/{b+}",
];
const router = routerOf(...PATHS.map((path) => route("GET", path)));

function found(path: string): readonly [string, readonly string[]] | null {
  const match = router.match(path);
  return match === null ? null : [match.routes.get("GET")?.route.path ?? "", match.params];
}

describe("Router", () => {
  it.each([
    ["/", "/", []],
    ["/key", "/{a}", ["key"]],
    ["/key/", "/{a}", ["key"]],
    ["/a%2Fb", "/{a}", ["a%2Fb"]],
    ["/bulk", "/{a}", ["bulk"]],
    ["/bulk/get", "/bulk/get", []],
    ["/bulk/increment", "/{a}/increment", ["bulk"]],
    ["/v/increment", "/{a}/increment", ["v"]],
    ["/v/n/x/k", "/v/{a}/x/{b}", ["n", "k"]],
    ["/v/n/x", "/v/{a}/x", ["n"]],
    ["/v/n/x/", "/v/{a}/x", ["n"]],
    ["/v/one/x/two", "/v/one/x/two", []],
    ["/v/one/x/k", "/v/{a}/x/{b}", ["one", "k"]],
    ["/k/n", "/k/{a}", ["n"]],
    ["/k/n/", "/k/{a}", ["n"]],
    ["/k/n/one", "/k/{a}/{b+}", ["n", "one"]],
    ["/k/n/one/two%2Fthree", "/k/{a}/{b+}", ["n", "one/two%2Fthree"]],
    ["/k/n/one/", "/k/{a}/{b+}", ["n", "one/"]],
    ["/k/n//one", "/k/{a}/{b+}", ["n", "/one"]],
  ])("finds %s", (path, pattern, params) => {
    expect(found(path)).toEqual([pattern, params]);
  });

  it.each(["//", "//key", "/a//increment", "/bulk/get/more", "/v/n/y", "/v/n/x/k/l"])(
    "finds nothing at %s",
    (path) => {
      expect(found(path)).toBeNull();
    },
  );

  it("refuses two routes for one method and path", () => {
    expect(() => routerOf(route("GET", "/{a}"), route("GET", "/{b}"))).toThrow("Two routes");
  });

  it("takes no route that names no namespace and does not say what a bound token may do", () => {
    const { bound: _, ...undecided } = route("GET", "/all");
    expect(() => routerOf(undecided)).toThrow("Route.bound");
    expect(() => routerOf({ ...undecided, path: "/{namespace_id}/all" })).not.toThrow();
    expect(() => routerOf({ ...undecided, access: "open" })).not.toThrow();
  });
});
