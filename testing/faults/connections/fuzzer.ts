import { wrongState } from "./final-state.js";
import { EXPLAINED_MAX, LANES, SESSIONS, SHRINK_SILENCE_MS_MAX } from "./limits.js";
import { planSession, type SessionPlan } from "./plan.js";
import { runSession, type SessionOutcome } from "./session.js";
import { shrink } from "./shrink.js";
import type { Target } from "./target.js";
import { Watcher } from "./watcher.js";

export interface RoundOptions {
  readonly seed: number;
  /** The number of concurrent connections. @default LANES */
  readonly lanes?: number;
}

export interface RoundReport {
  readonly connections: number;
  readonly requests: number;
  readonly failures: number;
  /** The first failures, each as a text that says how to reproduce it. */
  readonly explained: readonly string[];
}

/** Runs the connections of a seed, several at a time, and then checks what is stored. */
export async function fuzzRound(target: Target, { seed, lanes = LANES }: RoundOptions): Promise<RoundReport> {
  const runs: Run[] = [];
  await target.revive();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let session = 0; session < SESSIONS; session++) {
        const run = await runPlan(target, planSession(`${seed}:${lane}:${session}`));
        runs.push(run);
        // The server may have ended.
        if (run.outcome.failure !== undefined) return;
      }
    }),
  );
  const failed = await failuresOf(target, runs);
  const explained: string[] = [];
  for (const each of failed.slice(0, EXPLAINED_MAX)) explained.push(await explain(target, each));
  const requests = runs.reduce((sum, { outcome }) => sum + outcome.answered, 0);
  return { connections: runs.length, requests, failures: failed.length, explained };
}

interface Run {
  readonly plan: SessionPlan;
  readonly prefix: string;
  readonly outcome: SessionOutcome;
}

interface Failure {
  readonly run: Run;
  readonly what: string;
  /** Whether the server has ended. */
  readonly ended: boolean;
}

async function failuresOf(target: Target, runs: readonly Run[]): Promise<Failure[]> {
  if (!(await target.isAlive())) return crashesOf(target, runs);
  const failures: Failure[] = [];
  for (const run of runs) {
    const what = run.outcome.failure ?? (await wrongState(target, run));
    if (what !== undefined) failures.push({ run, what, ended: false });
  }
  return failures;
}

/** When a server ends, all its connections end. Those that end it again when run alone are to blame. */
async function crashesOf(target: Target, runs: readonly Run[]): Promise<Failure[]> {
  const what = `the server has ended: ${target.said}`;
  const failed = runs.filter(({ outcome }) => outcome.failure !== undefined);
  const [only] = failed;
  if (failed.length === 1 && only !== undefined) return [{ run: only, what, ended: true }];
  for (const { plan } of failed) {
    const run = await runAlone(target, plan);
    if (!(await target.isAlive())) return [{ run, what, ended: true }];
  }
  return failed.slice(0, 1).map((run) => ({ run, what, ended: true }));
}

let runs = 0;

async function runPlan(target: Target, plan: SessionPlan, silenceMsMax?: number): Promise<Run> {
  // Different each time, so that a plan that runs again does not find its own earlier data.
  const prefix = `${plan.name}/${runs++}/`;
  const around = target.surroundings(prefix);
  const watcher = plan.isWatched ? await Watcher.start(target, prefix).catch(String) : undefined;
  const outcome = await runSession(plan, { port: target.port, around, silenceMsMax });
  const missed = watcher instanceof Watcher ? await watcher.stop(outcome.models) : watcher;
  return { plan, prefix, outcome: { ...outcome, failure: outcome.failure ?? missed } };
}

async function runAlone(target: Target, plan: SessionPlan): Promise<Run> {
  await target.revive();
  return runPlan(target, plan, SHRINK_SILENCE_MS_MAX);
}

/** Makes the plan shorter, and returns everything that is needed to reproduce the failure. */
async function explain(target: Target, { run, what, ended }: Failure): Promise<string> {
  let last: Failure | undefined;
  const plan = await shrink(run.plan, async (candidate) => {
    const [failure] = await failuresOf(target, [await runAlone(target, candidate)]);
    if (failure?.ended !== ended) return false;
    last = failure;
    return true;
  });
  const { steps, ending, readsLate } = plan;
  return [
    `Connection ${plan.name} (seed:lane:session): ${what}`,
    last === undefined
      ? "Alone it did not fail again."
      : `Alone, with ${steps.length} requests: ${last.what}`,
    `It ends ${JSON.stringify(ending)}${readsLate ? " and reads late" : ""}; its pieces (0: all the rest):`,
    steps
      .map(
        ({ pieces, joins }) =>
          `${pieces.map((length) => (Number.isFinite(length) ? length : 0))}${joins ? "+" : ""}`,
      )
      .join(" | "),
    ...(last?.run ?? run).outcome.transcript.slice(-40),
  ].join("\n");
}
