import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { type Diagnostic, frameOf } from "../../bundle/diagnostic.js";
import { COMPILE_ERRORS_MAX } from "../limits.js";

/** An error in a Go file. */
export interface GoProblem {
  readonly file: string;
  /** Counted from 1. 0 if the problem has no line. */
  readonly line: number;
  /** Counted in bytes from 1. */
  readonly column: number;
  readonly message: string;
}

const PLACE = /^(.+?\.go):(\d+)(?::(\d+))?: (.*)$/;

export interface CompilerOutput {
  readonly text: string;
  /** The folder in which the compiler ran. The paths that it reports may be relative to it. */
  readonly folder: string;
  /** The function's file. Messages without a location are attributed to it. */
  readonly main: string;
}

/** Parses the output of `go build`. */
export function compilerProblems({ text: output, folder, main }: CompilerOutput): GoProblem[] {
  const problems: GoProblem[] = [];
  const rest: string[] = [];
  for (const line of output.split("\n")) {
    const [, file, number, column = "1", message] = PLACE.exec(line) ?? [];
    const last = problems.at(-1);
    if (file !== undefined && message !== undefined) {
      const place = { file: resolve(folder, file), line: Number(number), column: Number(column) };
      problems.push({ ...place, message: withRemedy(message) });
    } else if (line.startsWith("\t") && last !== undefined) {
      problems[problems.length - 1] = { ...last, message: `${last.message} ${line.trim()}` };
    } else if (line !== "" && !line.startsWith("# ")) {
      rest.push(line);
    }
  }
  if (problems.length > 0) return problems.slice(0, COMPILE_ERRORS_MAX);
  const message = withRemedy(rest.join(" ")) || "it does not compile, and the compiler does not say why";
  return [{ file: main, line: 0, column: 1, message }];
}

/** Go's own words for a missing module are about the proxy, which Kvasir turns off. */
function withRemedy(message: string): string {
  const [, path] =
    /(?:cannot find module providing|no required module provides) package ([^\s:;]+)/.exec(message) ?? [];
  if (path !== undefined) return `the package ${path} is not in go.mod: run \`go get ${path}\``;
  if (!message.includes("module lookup disabled by GOPROXY=off")) return message;
  const [module = "a module of go.mod"] = /\S+@[^\s:]+/.exec(message) ?? [];
  return `${module} is not on this machine: run \`go mod download\``;
}

/** Formats a problem for people: the message with its location, and the line itself. */
export function goDiagnostic({ file, line, column, message }: GoProblem): Diagnostic {
  const inside = relative(process.cwd(), file);
  const shown = inside.startsWith("..") ? file : inside;
  const text = lineOf(file, line);
  if (text === undefined) return { message: `${shown}: ${message}`, frame: undefined, file };
  const before = Buffer.from(text)
    .subarray(0, column - 1)
    .toString();
  return {
    message: `${shown}:${line}:${before.length + 1}: ${message}`,
    frame: frameOf(line, text, before, 1),
    file,
  };
}

function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, "utf8").split("\n")[line - 1];
  } catch {
    return undefined;
  }
}
