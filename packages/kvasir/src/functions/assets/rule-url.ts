/** The normalized form of a URL in a rule, or the reason why the rule cannot have it. */
export type RuleUrl = { readonly url: string } | { readonly problem: string };

export interface RuleUrlOptions {
  /** @default false */
  readonly onlyPath?: boolean;
  /** @default true */
  readonly allowPort?: boolean;
  /** Whether the query and the fragment are kept. @default false */
  readonly keepQuery?: boolean;
}

const HTTPS = /^https:\/\/+(?<host>[^/]+)\/?(?<path>.*)/;

/** Reads a URL of `_headers` or `_redirects` as wrangler does: a path, or `https://` with a host. */
export function ruleUrl(text: string, options: RuleUrlOptions = {}): RuleUrl {
  const { onlyPath = false, allowPort = true, keepQuery = false } = options;
  const { host, path } = HTTPS.exec(text)?.groups ?? {};
  if (host !== undefined) {
    if (onlyPath) return { problem: `Only relative URLs are allowed. Skipping absolute URL ${text}.` };
    if (!allowPort && /:\d+$/.test(host)) {
      return { problem: `Specifying ports is not supported. Skipping absolute URL ${text}.` };
    }
    return { url: `https://${host}${normalized(path, keepQuery)}` };
  }
  const rooted = onlyPath && !text.startsWith("/") ? `/${text}` : text;
  if (!rooted.startsWith("/")) {
    return {
      problem:
        'URLs should either be relative (e.g. begin with a forward-slash), or use HTTPS (e.g. begin with "https://").',
    };
  }
  try {
    return { url: normalized(rooted, keepQuery) };
  } catch {
    return { problem: `Error parsing URL segment ${rooted}. Skipping.` };
  }
}

/** Whether a normalized URL has a host. */
export function hasHost(url: string): boolean {
  return HTTPS.test(url);
}

function normalized(path = "/", keepQuery: boolean): string {
  const rooted = path.startsWith("/") ? path : `/${path}`;
  const { pathname, search, hash } = new URL(`//${rooted}`, "relative://");
  return keepQuery ? pathname + search + hash : pathname;
}
