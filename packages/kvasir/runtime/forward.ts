import { CLIENT_HEADER } from "../src/wire/request-facts.js";
import { REQUEST_ID_HEADER } from "../src/wire/request-id.js";
import { report } from "./report.js";

export interface ForwardOptions {
  /** The name of the function. */
  readonly name: string;
  /** How long the response may take to begin, in milliseconds. */
  readonly timeoutMs: number;
  /** The id of the request, if it is logged. */
  readonly requestId: string | undefined;
}

/** Forwards a request to the function's process. Bodies are streamed both ways. */
export async function forward(
  request: Request,
  process: Fetcher,
  { name, timeoutMs, requestId }: ForwardOptions,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    return await process.fetch(
      new Request(request, { headers: headersFor(request, requestId), signal: late.signal }),
    );
  } catch {
    if (late.signal.aborted) {
      report({ type: "timeout", function: name });
      return new Response(`The function ${name} did not answer within ${timeoutMs / 1000} s.\n`, {
        status: 504,
      });
    }
    return processEnded(name);
  } finally {
    clearTimeout(timer);
  }
}

/** Python and Go frameworks find the client's address, its protocol and the request's id in these headers. */
function headersFor(request: Request, requestId: string | undefined): Headers {
  const headers = new Headers(request.headers);
  const client = headers.get(CLIENT_HEADER);
  if (client !== null) headers.set("X-Forwarded-For", client);
  if (requestId !== undefined) headers.set(REQUEST_ID_HEADER, requestId);
  if (request.url.startsWith("https:")) headers.set("X-Forwarded-Proto", "https");
  return headers;
}

export function processEnded(functionName: string): Response {
  const reason = `The process of ${functionName} ended before it answered; it is started again. Its output says why.\n`;
  return new Response(reason, { status: 502 });
}
