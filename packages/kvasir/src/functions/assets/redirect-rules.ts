import type { HtmlHandling, RedirectRule } from "../../wire/asset-settings.js";
import { DYNAMIC_REDIRECTS_MAX, RULE_LINE_LENGTH_MAX, STATIC_REDIRECTS_MAX } from "./limits.js";
import type { RuleLines } from "./rule-problem.js";
import { hasHost, ruleUrl } from "./rule-url.js";

const STATUS_CODES: ReadonlySet<number> = new Set([200, 301, 302, 303, 307, 308]);
const HAS_PLACEHOLDER = /\*|:[A-Za-z]\w*/;

/** Reads a `_redirects` file as wrangler does. Lines that are wrong are left out and reported. */
export function parseRedirects(text: string, htmlHandling: HtmlHandling): RuleLines<RedirectRule> {
  const rules: Omit<RedirectRule, "isStatic">[] = [];
  const problems: { lineNumber: number; message: string }[] = [];
  const seen = new Set<string>();
  const counts = { static: 0, dynamic: 0 };
  for (const [at, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const lineNumber = at + 1;
    if (line === "" || line.startsWith("#")) continue;
    const read = readLine(line, htmlHandling, counts);
    if ("problem" in read) {
      problems.push({ lineNumber, message: read.problem });
      if (counts.dynamic > DYNAMIC_REDIRECTS_MAX) break;
    } else if (seen.has(read.from)) {
      problems.push({ lineNumber, message: `Ignoring duplicate rule for path ${read.from}.` });
    } else if (read.status === 200 && hasHost(read.to)) {
      seen.add(read.from);
      const message = `Proxy (200) redirects can only point to relative paths. Got ${read.to}`;
      problems.push({ lineNumber, message });
    } else {
      seen.add(read.from);
      rules.push({ ...read, lineNumber });
    }
  }
  return { rules: inOrder(rules), problems };
}

type Read = Omit<RedirectRule, "lineNumber" | "isStatic"> | { readonly problem: string };

function readLine(
  line: string,
  htmlHandling: HtmlHandling,
  counts: { static: number; dynamic: number },
): Read {
  if (line.length > RULE_LINE_LENGTH_MAX) {
    return { problem: `The line exceeds the maximum allowed length of ${RULE_LINE_LENGTH_MAX}.` };
  }
  const tokens = line.replace(/\s+#.*$/, "").split(/\s+/);
  const [fromText = "", toText = "", statusText = "302"] = tokens;
  if (tokens.length < 2 || tokens.length > 3) {
    return { problem: `Expected exactly 2 or 3 whitespace-separated tokens. Got ${tokens.length}.` };
  }
  const from = ruleUrl(fromText, { onlyPath: true });
  if ("problem" in from) return from;
  const isStatic = counts.dynamic === 0 && !HAS_PLACEHOLDER.test(from.url);
  if (isStatic && ++counts.static > STATIC_REDIRECTS_MAX) {
    return { problem: `Maximum number of static rules supported is ${STATIC_REDIRECTS_MAX}.` };
  }
  if (!isStatic && ++counts.dynamic > DYNAMIC_REDIRECTS_MAX) {
    return {
      problem: `Maximum number of dynamic rules supported is ${DYNAMIC_REDIRECTS_MAX}. The remaining lines are skipped.`,
    };
  }
  const to = ruleUrl(toText, { keepQuery: true });
  if ("problem" in to) return to;
  const status = Number(statusText);
  if (!STATUS_CODES.has(status)) {
    return {
      problem: `Valid status codes are 200, 301, 302 (default), 303, 307, or 308. Got ${statusText}.`,
    };
  }
  if (loops(from.url, to.url, htmlHandling)) {
    return {
      problem:
        "Infinite loop detected in this rule: it leads to .html or /index, which redirects to this rule again.",
    };
  }
  return { from: from.url, to: to.url, status };
}

/** Whether the redirect that HTML handling makes of the target triggers the rule again. */
function loops(from: string, to: string, htmlHandling: HtmlHandling): boolean {
  if (hasHost(to) || !/\/index(.html)?$/.test(to)) return false;
  return from.endsWith("/*") || (from.endsWith("/") && htmlHandling !== "none");
}

/**
 * Rules without placeholders above all others are found by their path alone. A rule without placeholders
 * below a rule with some is matched in the order of the lines.
 */
function inOrder(rules: readonly Omit<RedirectRule, "isStatic">[]): RedirectRule[] {
  const firstDynamic = rules.findIndex(({ from }) => HAS_PLACEHOLDER.test(from));
  return rules.map((rule, at) => ({ ...rule, isStatic: firstDynamic === -1 || at < firstDynamic }));
}
