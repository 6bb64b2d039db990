import { KvError, statusOf } from "@kvasir/client/namespace";
import Negotiator from "negotiator";
import type { ApiExchange } from "../api/api-exchange.js";
import type { Dialect, Route } from "../api/route.js";
import { type PageFile, PageFiles } from "./files.js";

const PREFIX = "/dashboard";
const PAGE = "index.html";

/**
 * What the page may load and do. Nothing comes from another site and nothing is written into the page as code, so a
 * stored value that reaches it stays text. Previews of images are `blob:` addresses that the page makes.
 */
const SECURITY_HEADERS = [
  "Content-Security-Policy",
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "no-referrer",
  "X-Frame-Options",
  "DENY",
  "Cross-Origin-Opener-Policy",
  "same-origin",
  "Cross-Origin-Resource-Policy",
  "same-origin",
];

/** Serves the page. It holds no data: what it shows it asks the API for, with the token of the person in front of it. */
export function dashboardDialect(): Dialect {
  const files = new PageFiles();
  const shared = { method: "GET", access: "open" } as const;
  const send = async (exchange: ApiExchange, name: string) => {
    // Each view has an address of its own, and the page is the same for all of them.
    const asset = name.startsWith("assets/");
    const file = await files.get(asset ? name : PAGE);
    if (file === undefined) throw missing(asset);
    sendFile(exchange, file, asset ? "public, max-age=31536000, immutable" : "no-cache");
  };
  const routes: Route[] = [
    {
      ...shared,
      path: PREFIX,
      operation: "dashboard",
      describe: {
        summary: "A page that shows and changes the data, through this API",
        answer: { description: "The page", content: { "text/html": { type: "string" } } },
      },
      handle: (exchange) => send(exchange, PAGE),
    },
    {
      ...shared,
      path: `${PREFIX}/{path+}`,
      operation: "dashboardFile",
      describe: {
        summary: "The files of the page, and the page for each of its views",
        answer: { description: "The file", content: { "text/html": { type: "string" } } },
      },
      handle: (exchange) => send(exchange, exchange.path.slice(PREFIX.length + 1)),
    },
  ];
  return { name: "dashboard", prefix: PREFIX, routes, renderError };
}

function sendFile(exchange: ApiExchange, { contentType, bytes, brotli }: PageFile, caching: string): void {
  const headers = ["Content-Type", contentType, "Cache-Control", caching, ...SECURITY_HEADERS];
  headers.push("Vary", "Accept-Encoding");
  const isSmall = brotli !== undefined && acceptsBrotli(exchange);
  if (isSmall) headers.push("Content-Encoding", "br");
  exchange.send(200, headers, isSmall ? brotli : bytes);
}

function acceptsBrotli({ request }: ApiExchange): boolean {
  return new Negotiator(request).encoding(["br", "identity"]) === "br";
}

function missing(asset: boolean): KvError {
  return asset
    ? new KvError("route_not_found", "The page has no such file", { hint: "Reload the page." })
    : new KvError("unavailable", "The dashboard was not built", { hint: "Run `npm run build`." });
}

function renderError(exchange: ApiExchange, error: KvError): void {
  const text = `${error.message}. ${error.hint ?? ""}\n`;
  exchange.sendError(statusOf(error.code), ["Content-Type", "text/plain; charset=utf-8"], text);
}
