/** One step of a program for `program.js`. */
export interface Step {
  readonly op: "put" | "match" | "delete" | "limit";
  readonly [field: string]: unknown;
}

export type Row = readonly [title: string, ...steps: Step[]];

const CACHED = { "cache-control": "max-age=100" };
const URL_TEXT = "https://cache.example/";

const put = (response: object, rest: object = {}): Step => ({ op: "put", response, ...rest });
const match = (rest: object = {}): Step => ({ op: "match", ...rest });
const remove = (rest: object = {}): Step => ({ op: "delete", ...rest });
const text = (headers: object = {}, rest: object = {}) =>
  put({ body: "0123456789", headers: { ...CACHED, ...headers }, ...rest });
const stored = (title: string, response: object): Row => [title, put(response), match()];
const withHeaders = (headers: object) => ({ body: "body", headers });
const asked = (title: string, kept: object, headers: object): Row => [title, text(kept), match({ headers })];

const DATE = "Tue, 06 Jan 2026 10:00:00 GMT";
const EARLIER = "Mon, 05 Jan 2026 10:00:00 GMT";
const LATER = "Wed, 07 Jan 2026 10:00:00 GMT";
const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";

/** What is stored. */
const STORED: readonly Row[] = [
  ["nothing was put", match()],
  ...[
    200, 201, 202, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 410, 414, 418,
  ].map((status) =>
    stored(`status ${status}`, {
      status,
      headers: CACHED,
      ...(status === 204 || status === 304 ? {} : { body: "b" }),
    }),
  ),
  ...[429, 451, 500, 501, 502, 503, 504, 599].map((status) =>
    stored(`status ${status}`, { status, headers: CACHED, body: "b" }),
  ),
  ...[200, 301, 302, 404, 410, 501].map((status) =>
    stored(`status ${status} that says nothing`, { status, body: "b" }),
  ),
  ...[
    "max-age=100",
    "max-age=0",
    "max-age=-1",
    "max-age=abc",
    "max-age",
    "max-age=1.5",
    'max-age="100"',
    "MAX-AGE=100",
    "max-age = 100",
    "max-age=99999999999999999999",
    "max-age=10, max-age=0",
    "s-maxage=100",
    "s-maxage=0",
    "s-maxage=0, max-age=100",
    "s-maxage=100, max-age=0",
    "public",
    "public, max-age=100",
    "private",
    "private, max-age=100",
    "no-cache",
    "no-cache, max-age=100",
    "no-cache=x-secret, max-age=100",
    "no-store",
    "no-store, max-age=100",
    "NO-STORE, max-age=100",
    "must-revalidate",
    "must-revalidate, max-age=100",
    "proxy-revalidate, max-age=100",
    "immutable",
    "immutable, max-age=100",
    "stale-while-revalidate=60",
    "max-age=0, stale-while-revalidate=60",
    "max-age=0, stale-if-error=60",
    "must-understand, no-store, max-age=100",
    "no-transform, max-age=100",
    "foo, bar=baz, max-age=100",
    ",,, max-age=100,",
    "max-age=100; public",
    "",
    " ",
    "private=set-cookie",
    "private=set-cookie, max-age=100",
    "private=Set-Cookie; max-age=100",
  ].map((value) => stored(`Cache-Control: ${value}`, withHeaders({ "cache-control": value }))),
  ...[FUTURE, EARLIER, "0", "tomorrow"].map((value) =>
    stored(`Expires: ${value}`, withHeaders({ expires: value })),
  ),
  stored("Expires and max-age=0", withHeaders({ expires: FUTURE, "cache-control": "max-age=0" })),
  stored("Expires, earlier than Date", withHeaders({ expires: DATE, date: LATER })),
  stored("Date long ago and max-age", withHeaders({ date: EARLIER, ...CACHED })),
  stored("Last-Modified alone", withHeaders({ "last-modified": EARLIER })),
  stored(
    "Last-Modified and immutable",
    withHeaders({ "last-modified": EARLIER, "cache-control": "immutable" }),
  ),
  stored("Age below max-age", withHeaders({ age: "50", ...CACHED })),
  stored("Age above max-age", withHeaders({ age: "150", ...CACHED })),
  stored("Age that is none", withHeaders({ age: "old", ...CACHED })),
  stored("Pragma: no-cache", withHeaders({ pragma: "no-cache" })),
  stored("Pragma: no-cache and max-age", withHeaders({ pragma: "no-cache", ...CACHED })),
  stored("Warning", withHeaders({ warning: '199 - "x", 299 - "y"', ...CACHED })),
  stored(
    "Connection and the header that it names",
    withHeaders({ connection: "x-hop", "x-hop": "1", ...CACHED }),
  ),
  stored(
    "Keep-Alive, TE, Trailer",
    withHeaders({ "keep-alive": "timeout=5", te: "trailers", trailer: "x", ...CACHED }),
  ),
  stored("CF-Cache-Status of the response", withHeaders({ "cf-cache-status": "DYNAMIC", ...CACHED })),
  stored("Vary: *", withHeaders({ vary: "*", ...CACHED })),
  stored("Vary: *, in a list", withHeaders({ vary: "accept, *", ...CACHED })),
  stored("Vary: accept", withHeaders({ vary: "accept", ...CACHED })),
  stored("Set-Cookie", withHeaders({ "set-cookie": "a=1", ...CACHED })),
  stored(
    "Set-Cookie and private=Set-Cookie",
    withHeaders({ "set-cookie": "a=1", "cache-control": "private=Set-Cookie, max-age=100" }),
  ),
  stored(
    "Set-Cookie and public",
    withHeaders({ "set-cookie": "a=1", "cache-control": "public, max-age=100" }),
  ),
  stored("a header twice", { body: "b", headers: [["x-a", "1"], ["x-a", "2"], ...Object.entries(CACHED)] }),
  stored("Cache-Control twice", {
    body: "b",
    headers: [
      ["cache-control", "public"],
      ["cache-control", "max-age=100"],
    ],
  }),
  stored("a header that is not ASCII", withHeaders({ "x-name": "caf\u00e9", ...CACHED })),
  stored("a long header", withHeaders({ "x-long": "x".repeat(8000), ...CACHED })),
  stored("an own reason phrase", { body: "b", statusText: "Fine", headers: CACHED }),
  stored("an empty body", { body: "", headers: CACHED }),
  stored("no body", { headers: CACHED }),
  stored("a streamed body", { stream: ["one ", "two ", "three"], headers: CACHED }),
  stored("a streamed body of no parts", { stream: [], headers: CACHED }),
  stored("a large body", { body: "0123456789".repeat(30_000), headers: CACHED }),
  stored("a large streamed body", {
    stream: ["0123456789".repeat(10_000), "x".repeat(100_000)],
    headers: CACHED,
  }),
  stored("a body that ends like a head", { body: "\r\n\r\n", headers: CACHED }),
];

/** What a request gets of a stored response. */
const ASKED: readonly Row[] = [
  ...[
    "bytes=0-3",
    "bytes=5-",
    "bytes=-3",
    "bytes=9-9",
    "bytes=0-100",
    "bytes=10-",
    "bytes=10-20",
    "bytes=5-2",
  ].map((range) => asked(`Range: ${range}`, {}, { range })),
  ...[
    "bytes=-0",
    "bytes=-10",
    "bytes=-11",
    "bytes=",
    "bytes= 1 - 3 ",
    "BYTES=1-2",
    "items=0-1",
    "bytes=a-b",
    "bytes",
    "bytes=-",
  ].map((range) => asked(`Range: ${range}`, {}, { range })),
  ...["bytes=0-1,4-5", "bytes=0-1, 20-30", "bytes=0-1,-2", "bytes=0-1,-20", "bytes=0-1,"].map((range) =>
    asked(`Range: ${range}`, { "content-type": "text/x" }, { range }),
  ),
  [
    "a range of a large body",
    put({ body: "0123456789".repeat(30_000), headers: CACHED }),
    match({ headers: { range: "bytes=131070-131075" } }),
  ],
  [
    "several ranges of a large body",
    put({ body: "0123456789".repeat(30_000), headers: CACHED }),
    match({ headers: { range: "bytes=5-6,299998-" } }),
  ],
  [
    "a range of a streamed body",
    put({ stream: ["0123", "456789"], headers: CACHED }),
    match({ headers: { range: "bytes=2-7" } }),
  ],
  ["a range of an empty body", put({ body: "", headers: CACHED }), match({ headers: { range: "bytes=0-" } })],
  [
    "a range of status 404",
    put({ body: "0123456789", status: 404, headers: CACHED }),
    match({ headers: { range: "bytes=0-1" } }),
  ],
  ...['"a"', 'W/"a"', '"b"', '"b", "a"', '"b",W/"a"', "*", "a", '""', "", '"a" "b"'].flatMap((tags) => [
    asked(`If-None-Match: ${tags}`, { etag: '"a"' }, { "if-none-match": tags }),
    asked(`If-None-Match: ${tags}, of a weak tag`, { etag: 'W/"a"' }, { "if-none-match": tags }),
  ]),
  asked("If-None-Match, without a tag", {}, { "if-none-match": '"a"' }),
  asked("If-None-Match: *, without a tag", {}, { "if-none-match": "*" }),
  asked("If-None-Match, of a tag without quotes", { etag: "a" }, { "if-none-match": "a" }),
  asked("If-None-Match and Range", { etag: '"a"' }, { "if-none-match": '"a"', range: "bytes=0-1" }),
  asked(
    "If-None-Match that differs, and Range",
    { etag: '"a"' },
    { "if-none-match": '"b"', range: "bytes=0-1" },
  ),
  asked("If-None-Match and a wrong Range", { etag: '"a"' }, { "if-none-match": '"a"', range: "bytes=50-" }),
  ...[EARLIER, DATE, LATER, "yesterday", "2026-01-07", "Wed, 7 Jan 2026 10:00:00 GMT"].map((since) =>
    asked(`If-Modified-Since: ${since}`, { "last-modified": DATE }, { "if-modified-since": since }),
  ),
  asked("If-Modified-Since, without Last-Modified", {}, { "if-modified-since": LATER }),
  asked(
    "If-Modified-Since, of a wrong Last-Modified",
    { "last-modified": "x" },
    { "if-modified-since": LATER },
  ),
  asked(
    "If-None-Match that differs, and If-Modified-Since",
    { etag: '"a"', "last-modified": DATE },
    { "if-none-match": '"b"', "if-modified-since": LATER },
  ),
  asked(
    "If-Match and If-Unmodified-Since",
    { etag: '"a"' },
    { "if-match": '"b"', "if-unmodified-since": EARLIER },
  ),
  asked("If-Range", { etag: '"a"' }, { "if-range": '"b"', range: "bytes=0-1" }),
  ...["no-cache", "no-store", "max-age=0", "only-if-cached"].map((value) =>
    asked(`Cache-Control: ${value}, of the request`, {}, { "cache-control": value }),
  ),
  asked("Authorization", {}, { authorization: "Bearer x" }),
  asked("another value of a Vary header", { vary: "accept" }, { accept: "text/html" }),
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"].flatMap((method): Row[] => [
    [`${method} matches`, text(), match({ method })],
    [`${method} matches, with ignoreMethod`, text(), match({ method, ignoreMethod: true })],
    [`${method} deletes`, text(), remove({ method }), match()],
    [`${method} deletes, with ignoreMethod`, text(), remove({ method, ignoreMethod: true }), match()],
    [`${method} puts`, put({ body: "b", headers: CACHED }, { method }), match()],
  ]),
];

/** What belongs to which key. */
const KEYS: readonly Row[] = [
  ["delete, twice", text(), remove(), remove(), match()],
  ["a second put replaces the first", text(), put({ body: "second", status: 404, headers: CACHED }), match()],
  [
    "a put that is not stored leaves what was there",
    text(),
    put({ body: "b", headers: { "cache-control": "no-store" } }),
    match(),
  ],
  [
    "a put that expires at once removes what was there",
    text(),
    put({ body: "b", headers: { "cache-control": "max-age=0" } }),
    match(),
  ],
  [
    "caches of other names are others",
    text(),
    match({ cache: "a" }),
    put({ body: "a", headers: CACHED }, { cache: "a" }),
    match({ cache: "a" }),
    match({ cache: "b" }),
    match(),
    remove({ cache: "a" }),
    match(),
  ],
  [
    "a cache of any name",
    ...["default", "", "x".repeat(1000), "a/b?c#d", "\u00e4 \u{1f600}", "a\r\nb", "named:a"].flatMap(
      (cache) => [put({ body: cache, headers: CACHED }, { cache }), match({ cache }), remove({ cache })],
    ),
  ],
  [
    "query, port, scheme and path are of the key",
    ...["?a=1", "?a=2", "?", "/", "/a", "/a/", "//a", "/A"].flatMap((suffix) => [
      put({ body: suffix, headers: CACHED }, { suffix }),
    ]),
    ...["?a=1", "?a=2", "?", "/", "/a", "/a/", "//a", "/A", "/b"].map((suffix) => match({ suffix })),
  ],
  [
    "another host, port or scheme",
    text(),
    ...[
      "http://cache.example/",
      "https://cache.example:444/",
      "https://other.example/",
      "https://cache.example:443/",
    ].map((base) => match({ base })),
  ],
  [
    "the fragment is not of the key",
    put({ body: "b", headers: CACHED }, { suffix: "#one" }),
    match({ suffix: "#two" }),
    match(),
  ],
  [
    "spaces and other characters",
    ...["/a b", "/ä", "/%20|%22", "/a?b=ä&c=d e", "/[x]{y}", "/..%2f"].flatMap((suffix) => [
      put({ body: suffix, headers: CACHED }, { suffix }),
      match({ suffix }),
    ]),
  ],
  [
    "credentials in the URL",
    put({ body: "b", headers: CACHED }, { base: "https://user:pw@cache.example/" }),
    match({ base: "https://user:pw@cache.example/" }),
    match(),
  ],
  [
    "a long URL",
    put({ body: "b", headers: CACHED }, { suffix: `?${"q".repeat(16_000)}` }),
    match({ suffix: `?${"q".repeat(16_000)}` }),
    match({ suffix: `?${"q".repeat(15_999)}` }),
  ],
  [
    "cf.cacheKey",
    put({ body: "b", headers: CACHED }, { cf: { cacheKey: "one key" } }),
    match(),
    match({ cf: { cacheKey: "one key" } }),
    match({ base: "http://other.example/", cf: { cacheKey: "one key" } }),
    remove({ cf: { cacheKey: "one key" } }),
  ],
  ["cf without cacheKey", text(), match({ cf: { country: "DE" } })],
  [
    "many headers in the request",
    text(),
    match({
      headers: Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-h${at}`, "v".repeat(100)])),
    }),
  ],
];

/** Rate limits, for which the same Worker has `TWO` (2 in 60 s) and `TWIN`, of the same namespace. */
const LIMITS: readonly Row[] = [
  ["a limit", ...limit({ key: "a" }, 4), ...limit({ key: "b" }, 1)],
  ["bindings of one namespace share it", ...limit({ key: "c" }, 1), ...limit({ key: "c" }, 2, "TWIN")],
  ["no key", ...limit({}, 3)],
  [
    "keys of any text",
    ...["", " ", "\u00e4\u{1f600}", "\ud800", "a\r\nb", "x".repeat(10_000)].flatMap((key) =>
      limit({ key }, 1),
    ),
  ],
  [
    "a limit of the call",
    ...limit({ key: "d", limit: 3 }, 4),
    ...limit({ key: "e", limit: 0 }, 1),
    ...limit({ key: "f", limit: 1.5 }, 3),
    ...limit({ key: "g", limit: -1 }, 1),
  ],
  ["a period of the call", ...limit({ key: "h", period: 10 }, 3), ...limit({ key: "h" }, 3)],
  [
    "wrong calls",
    ...[
      undefined,
      null,
      5,
      "a",
      {},
      [],
      { key: 1 },
      { key: null },
      { key: "a", foo: 1, bar: 2 },
      { key: "a", limit: "1" },
      { key: "a", period: 5 },
      { key: "a", period: "10" },
      { key: "a", limit: null },
    ].map((options) => ({ op: "limit", binding: "TWO", options }) as const),
  ],
];

function limit(options: object, times: number, binding = "TWO"): Step[] {
  return Array.from({ length: times }, () => ({ op: "limit", binding, options }));
}

/** Each row has a URL of its own. */
export const ROWS: readonly Row[] = [...STORED, ...ASKED, ...KEYS, ...LIMITS].map(([title, ...steps], at) => [
  title,
  ...steps.map(({ base = URL_TEXT, suffix = "", ...step }) => ({ url: `${base}${at}${suffix}`, ...step })),
]) as readonly Row[];
