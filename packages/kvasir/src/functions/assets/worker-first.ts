import type { WorkerFirst } from "../../wire/asset-settings.js";
import { WORKER_FIRST_RULE_LENGTH_MAX, WORKER_FIRST_RULES_MAX } from "./limits.js";

/** Reads `run_worker_first` as wrangler does. Returns the problem if there is one. */
export function parseWorkerFirst(
  value: boolean | readonly string[],
): { readonly workerFirst: WorkerFirst } | { readonly problem: string } {
  if (typeof value === "boolean") return { workerFirst: value };
  if (value.length === 0) return { problem: "must have at least one pattern" };
  if (value.length > WORKER_FIRST_RULES_MAX) {
    return { problem: `has ${value.length} patterns, and at most ${WORKER_FIRST_RULES_MAX} are allowed` };
  }
  const worker = value.filter((rule) => !rule.startsWith("!"));
  const exceptions = value.filter((rule) => rule.startsWith("!"));
  const problem = [...problemsOf(worker), ...problemsOf(exceptions)][0];
  if (problem !== undefined) return { problem };
  if (worker.length === 0) return { problem: "has only exceptions: add a pattern without !" };
  return { workerFirst: { worker, assets: exceptions.map((rule) => rule.slice(1)) } };
}

function problemsOf(rules: readonly string[]): string[] {
  return rules.flatMap((rule, at) => {
    if (!/^!?\//.test(rule)) return [`has "${rule}": a pattern must begin with / or !/`];
    if (rule.length > WORKER_FIRST_RULE_LENGTH_MAX) {
      return [`has "${rule}", which is longer than ${WORKER_FIRST_RULE_LENGTH_MAX} characters`];
    }
    if (rules.indexOf(rule) < at) return [`has "${rule}" twice`];
    const wider = rules.find(
      (other) => other !== rule && other.endsWith("*") && rule.startsWith(other.slice(0, -1)),
    );
    return wider === undefined ? [] : [`has "${rule}", which "${wider}" makes redundant`];
  });
}
