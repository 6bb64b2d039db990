import type { Content, Expected, PlannedRequest, Surroundings } from "../planned-request.js";
import { formPart } from "./cloudflare.js";
import { type Draw, planned, segment } from "./draw.js";

interface Refusal {
  readonly what: string;
  readonly expected: Expected;
  content(around: Surroundings, name: string): Content;
}

const SOME = Buffer.from("refused");

/** A refusal at the head may end the connection, so that the server need not read an unwanted body. */
const UNAUTHORIZED: Expected = { status: 401, error: "unauthorized", closes: "maybe" };
const FORBIDDEN: Expected = { status: 403, error: "forbidden", closes: "maybe" };

/** Well-formed requests that are refused in the dialect's form, after which the connection continues. */
const REFUSALS: readonly Refusal[] = [
  put("a wrong token", UNAUTHORIZED, ({ binding }, name) => ({ path: `${binding}/${name}`, token: "wrong" })),
  put("no token", UNAUTHORIZED, ({ binding }, name) => ({ path: `${binding}/${name}`, token: null })),
  put("a token that may only read", FORBIDDEN, ({ binding }, name) => ({
    path: `${binding}/${name}`,
    token: "read",
  })),
  put("another namespace's token", FORBIDDEN, ({ binding }, name) => ({
    path: `${binding}/${name}`,
    token: "foreign",
  })),
  put("a wrong token in Cloudflare's dialect", { ...UNAUTHORIZED, error: 10000 }, ({ cloudflare }, name) => ({
    path: `${cloudflare}/values/${name}`,
    token: "wrong",
  })),
  {
    what: "a read with a wrong token",
    expected: UNAUTHORIZED,
    content: ({ binding }, name) => ({ method: "GET", path: `${binding}/${name}`, token: "wrong" }),
  },
  {
    what: "a watch with a wrong token",
    expected: UNAUTHORIZED,
    content: ({ binding }) => ({ method: "GET", path: `${binding}/?watch=true`, token: "wrong" }),
  },
  put("a key that is no text", { status: 400, error: "key_invalid" }, ({ binding }) => ({
    path: `${binding}/%zz%ff`,
  })),
  put("a key that is a path", { status: 400, error: "key_invalid" }, ({ binding }) => ({
    path: `${binding}/%2e%2e`,
  })),
  put("a key that is too long", { status: 414, error: "key_too_long" }, ({ binding }) => ({
    path: `${binding}/${"k".repeat(513)}`,
  })),
  put("a life that is too short", { status: 400, error: "expiration_invalid" }, ({ binding }, name) => ({
    path: `${binding}/${name}?expiration_ttl=1`,
  })),
  put("metadata that is no JSON", { status: 400, error: "metadata_invalid" }, ({ binding }, name) => ({
    path: `${binding}/${name}`,
    headers: [["CF-KV-Metadata", "{"]],
  })),
  put("metadata that is too long", { status: 413, error: "metadata_too_large" }, ({ binding }, name) => ({
    path: `${binding}/${name}`,
    headers: [["CF-KV-Metadata", `"${"m".repeat(1100)}"`]],
  })),
  put("two conditions", { status: 400, error: "bad_request" }, ({ binding }, name) => ({
    path: `${binding}/${name}`,
    headers: [
      ["If-Match", '"1"'],
      ["If-None-Match", "*"],
    ],
  })),
  post("an increment that is no JSON", { status: 400, error: "bad_request" }, ({ binding }, name) => ({
    path: `${binding}/${name}/increment`,
    body: Buffer.from('{"by":'),
  })),
  post("a commit of deep JSON", { status: 400, error: "bad_request" }, ({ binding }) => ({
    path: `${binding}/bulk/atomic`,
    body: Buffer.from(`${'{"mutations":['.repeat(500)}`),
  })),
  post("a bulk get of nothing", { status: 400, error: "too_many_keys" }, ({ binding }) => ({
    path: `${binding}/bulk/get`,
    body: Buffer.from('{"keys":[]}'),
  })),
  {
    what: "a bulk put that is cut short",
    expected: { status: 400, error: 10001 },
    content: ({ cloudflare, prefix }) => ({
      method: "PUT",
      path: `${cloudflare}/bulk`,
      body: Buffer.from(`[{"key":${JSON.stringify(`${prefix}never`)},"value":"x"},`),
    }),
  },
  form("a part without a name", [formPart("B", "", SOME)]),
  form("a part without a disposition", [Buffer.from("--B\r\n\r\nx\r\n")]),
  form("no value", [formPart("B", 'name="other"', SOME)]),
  form("two values", [formPart("B", 'name="value"', SOME), formPart("B", 'name="value"', SOME)]),
  form("too many parts", [
    Buffer.concat(Array.from({ length: 1100 }, () => formPart("B", 'name="x"', SOME))),
  ]),
  form("a part that is cut short", [formPart("B", 'name="value"', SOME)], ""),
  {
    what: "a list of no keys",
    expected: { status: 400, error: "limit_invalid" },
    content: ({ binding }) => ({ method: "GET", path: `${binding}/?key_count_limit=0` }),
  },
  {
    what: "a bad cursor",
    expected: { status: 400, error: "cursor_invalid" },
    content: ({ binding }) => ({ method: "GET", path: `${binding}/?cursor=%00` }),
  },
  {
    what: "a method that is not allowed",
    expected: { status: 405, error: "method_not_allowed" },
    content: ({ binding }, name) => ({ method: "PATCH", path: `${binding}/${name}`, body: SOME }),
  },
  {
    what: "a route that is not there",
    expected: { status: 404 },
    content: () => ({ method: "GET", path: "/nowhere/at/all?" }),
  },
];

/** Requests with the same response for every client. */
const OTHERS: readonly Refusal[] = [
  {
    what: "OPTIONS",
    expected: { status: 204 },
    content: ({ binding }, name) => ({ method: "OPTIONS", path: `${binding}/${name}` }),
  },
  {
    what: "the health",
    expected: { status: 200 },
    content: () => ({ method: "GET", path: "/healthz", token: null }),
  },
  {
    what: "the description of the API",
    expected: { status: 200 },
    content: () => ({ method: "GET", path: "/openapi.json", token: null }),
  },
];

export const refusedRequests: readonly ((draw: Draw) => PlannedRequest)[] = [...REFUSALS, ...OTHERS].map(
  ({ what, expected, content }) =>
    (draw) => {
      const key = draw.random.pick(draw.keys);
      const probe = content(NOWHERE, "");
      return planned(draw, {
        label: what,
        hasBody: probe.body !== undefined,
        mayEnd: expected.closes !== undefined,
        content: (around) => content(around, segment(around, key)),
        execute: () => expected,
      });
    },
);

const NOWHERE: Surroundings = {
  prefix: "",
  binding: "",
  cloudflare: "",
  host: "",
  tokens: { write: "", read: "", foreign: "", wrong: "" },
};

type Part = (around: Surroundings, name: string) => Omit<Content, "method">;

function put(what: string, expected: Expected, part: Part): Refusal {
  return {
    what,
    expected,
    content: (around, name) => ({ method: "PUT", body: SOME, ...part(around, name) }),
  };
}

function post(what: string, expected: Expected, part: Part): Refusal {
  return { what, expected, content: (around, name) => ({ method: "POST", ...part(around, name) }) };
}

function form(what: string, parts: readonly Buffer[], end = "--B--\r\n"): Refusal {
  return {
    what: `a form with ${what}`,
    expected: { status: 400, error: 10001, closes: "maybe" },
    content: ({ cloudflare }, name) => ({
      method: "PUT",
      path: `${cloudflare}/values/${name}`,
      headers: [["Content-Type", "multipart/form-data; boundary=B"]],
      body: Buffer.concat([...parts, Buffer.from(end)]),
    }),
  };
}
