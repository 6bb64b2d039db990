import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  addSetCookie,
  type ExpressMiddleware,
  type FromRequest,
  fromRequest,
  requestHeader,
} from "./context.js";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closing.push(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a middleware over the structural types takes the request and the answer of node:http", async () => {
  const recipe: FromRequest<{ name: string }, IncomingMessage> = (req) => ({ name: `of ${req.url}` });
  const middleware: ExpressMiddleware<IncomingMessage, ServerResponse> = async (req, res, next) => {
    addSetCookie(res, `a=${fromRequest(recipe, req).name}`);
    addSetCookie(res, `b=${requestHeader(req, "Cookie")}`);
    next();
  };
  const url = await listen((req, res) => void middleware(req, res, () => res.end()));
  const answer = await fetch(`${url}/x`, { headers: { Cookie: "c=1" } });
  expect(answer.headers.getSetCookie()).toEqual(["a=of /x", "b=c=1"]);
});

test("a header that came several times is joined as its kind is", () => {
  const headers = { cookie: ["a=1", "b=2"], accept: ["x", "y"] };
  expect(requestHeader({ headers }, "Cookie")).toBe("a=1; b=2");
  expect(requestHeader({ headers }, "Accept")).toBe("x, y");
  expect(requestHeader({ headers }, "Host")).toBeUndefined();
});
