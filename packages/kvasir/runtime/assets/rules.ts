import type { AssetSettings, HeaderRule, RedirectRule } from "../../src/wire/asset-settings.js";
import { filled, rulePattern } from "./rule-pattern.js";

type Match = (url: URL) => Record<string, string> | undefined;

interface Rules {
  readonly fixed: ReadonlyMap<string, RedirectRule>;
  readonly redirects: readonly { readonly rule: RedirectRule; readonly match: Match }[];
  readonly headers: readonly { readonly rule: HeaderRule; readonly match: Match }[];
}

/** Compiled once: the settings of a Worker do not change. */
let compiled: Rules | undefined;

/** Applies `_redirects`: a redirect, or the path to serve. */
export function followRedirects(
  url: URL,
  settings: AssetSettings,
): Response | { readonly pathname: string; readonly isRewritten: boolean } {
  const found = redirectOf(url, rulesOf(settings));
  if (found === undefined) return { pathname: url.pathname, isRewritten: false };
  const target = new URL(found.to, url);
  if (found.status === 200) return { pathname: target.pathname, isRewritten: true };
  const search = target.search || url.search;
  const isHere = target.origin === url.origin;
  // The URL without its query and fragment, which is not always the origin and the path.
  const bare = isHere
    ? target.pathname
    : target.href.slice(0, target.href.length - target.search.length - target.hash.length);
  const { status } = found;
  const headers = { Location: bare + search + target.hash };
  return new Response(null, { status, statusText: STATUS_TEXTS[status] ?? "", headers });
}

/** Applies `_headers`. A header that several rules set gets all their values. */
export function addHeaders(response: Response, url: URL, settings: AssetSettings): void {
  const seen = new Set<string>();
  for (const { rule, match } of rulesOf(settings).headers) {
    const found = match(url);
    if (found === undefined) continue;
    for (const name of rule.unset) response.headers.delete(name);
    for (const [name, value] of Object.entries(rule.set)) {
      if (seen.has(name)) response.headers.append(name, filled(value, found));
      else response.headers.set(name, filled(value, found));
      seen.add(name);
    }
  }
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
};

function redirectOf(
  url: URL,
  { fixed, redirects }: Rules,
): { readonly to: string; readonly status: number } | undefined {
  const exact = fixed.get(url.pathname);
  if (exact !== undefined) return exact;
  for (const { rule, match } of redirects) {
    const found = match(url);
    if (found === undefined) continue;
    const to = filled(rule.to, found).trim();
    return { status: rule.status, to: /^\w+:\/\//.test(to) ? to : to.replace(/\/+/g, "/") };
  }
  return undefined;
}

function rulesOf({ redirects, headers }: AssetSettings): Rules {
  compiled ??= {
    fixed: new Map(redirects.filter(({ isStatic }) => isStatic).map((rule) => [rule.from, rule])),
    redirects: redirects.filter(({ isStatic }) => !isStatic).flatMap((rule) => withMatch(rule, rule.from)),
    headers: headers.flatMap((rule) => withMatch(rule, rule.path)),
  };
  return compiled;
}

function withMatch<Rule>(rule: Rule, pattern: string): readonly { rule: Rule; match: Match }[] {
  const match = rulePattern(pattern);
  return match === undefined ? [] : [{ rule, match }];
}
