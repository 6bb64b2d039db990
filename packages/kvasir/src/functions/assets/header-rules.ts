import type { HeaderRule } from "../../wire/asset-settings.js";
import { HEADER_RULES_MAX, RULE_LINE_LENGTH_MAX } from "./limits.js";
import type { RuleLines } from "./rule-problem.js";
import { ruleUrl } from "./rule-url.js";

interface Block {
  readonly path: string;
  readonly lineNumber: number;
  readonly set: Record<string, string>;
  readonly unset: string[];
}

const PATH_LINE = /^([^\s]+:\/\/|^\/)/;
const UNSET = "! ";

/** Reads a `_headers` file as wrangler does. Lines that are wrong are left out and reported. */
export function parseHeaders(text: string): RuleLines<HeaderRule> {
  const rules = new Map<string, HeaderRule>();
  const problems: { lineNumber: number; message: string }[] = [];
  let count = 0;
  // `undefined` below a path that is wrong: its headers are left out with it.
  let block: Block | undefined;
  let isBelowWrongPath = false;
  const finish = () => {
    if (block === undefined) return;
    const { path, lineNumber, set, unset } = block;
    if (Object.keys(set).length === 0 && unset.length === 0) {
      problems.push({ lineNumber, message: "No headers specified" });
      return;
    }
    count++;
    rules.set(path, { path, set, unset });
  };
  for (const [at, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const lineNumber = at + 1;
    if (line === "" || line.startsWith("#")) continue;
    if (line.length > RULE_LINE_LENGTH_MAX) {
      const message = `The line exceeds the maximum allowed length of ${RULE_LINE_LENGTH_MAX}.`;
      problems.push({ lineNumber, message });
    } else if (PATH_LINE.test(line)) {
      if (count >= HEADER_RULES_MAX) {
        const message = `Maximum number of rules supported is ${HEADER_RULES_MAX}. The remaining lines are skipped.`;
        problems.push({ lineNumber, message });
        break;
      }
      finish();
      const path = pathOf(line);
      isBelowWrongPath = "problem" in path;
      block = "problem" in path ? undefined : { path: path.url, lineNumber, set: {}, unset: [] };
      if ("problem" in path) problems.push({ lineNumber, message: path.problem });
    } else if (!isBelowWrongPath) {
      const problem = readHeader(line, block);
      if (problem !== undefined) problems.push({ lineNumber, message: problem });
    }
  }
  finish();
  return { rules: [...rules.values()], problems };
}

function pathOf(line: string): ReturnType<typeof ruleUrl> {
  const read = ruleUrl(line, { allowPort: false });
  if ("problem" in read) return read;
  const wildcards = read.url.split("*").length - 1;
  if (wildcards > 1) {
    return {
      problem: `Only one wildcard is allowed per rule. Use a named placeholder (e.g. :project) instead. Skipping ${read.url}.`,
    };
  }
  if (wildcards === 1 && /:splat(?!\w)/.test(read.url)) {
    return {
      problem: `Cannot combine a wildcard * with a :splat placeholder because wildcards are converted to :splat at runtime. Skipping ${read.url}.`,
    };
  }
  return read;
}

/** Adds a line to its block. Returns the problem if there is one. */
function readHeader(line: string, block: Block | undefined): string | undefined {
  const colon = line.indexOf(":");
  if (colon === -1) {
    if (block === undefined) return "Expected a path beginning with at least one forward-slash";
    if (!line.startsWith(UNSET)) return "Expected a colon-separated header pair (e.g. name: value)";
    block.unset.push(line.replace(UNSET, ""));
    return undefined;
  }
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (name.includes(" ")) return "Header name cannot include spaces";
  if (name === "") return "No header name specified";
  if (value === "") return "No header value specified";
  if (block === undefined) return `Path should come before header (${name}: ${value})`;
  block.set[name] = block.set[name] === undefined ? value : `${block.set[name]}, ${value}`;
  return undefined;
}
