import { fork } from "node:child_process";
import { once } from "node:events";
import { buildProgram } from "../../harness/build-program.js";
import type { Target } from "../connections/target.js";
import { type Figures, figuresOf } from "../machinery/figures.js";
import type { AttackerInput, AttackerReport } from "../programs/attacker.js";
import { LARGE_VALUE_BYTES, LARGE_VALUES, SETTLE_MS_MAX } from "./limits.js";
import { PoliteClient } from "./polite-client.js";
import { processorMsOf, type Usage, usageOf } from "./usage.js";
import { brokenAfterwards } from "./verdict.js";

/** Interval at which the server's memory is measured, in milliseconds. */
const SAMPLE_INTERVAL_MS = 100;
/** The same for its heap, which the server reports itself. */
const HEAP_SAMPLE_INTERVAL_MS = 1_000;

export interface SiegeReport extends AttackerReport {
  readonly seconds: number;
  /** The failures that a well-behaved client saw. */
  readonly politeFailures: readonly string[];
  readonly politeRequests: number;
  readonly slowestPoliteMs: number;
  readonly slowestHealthMs: number;
  /**
   * The same in processor time of the server's event loop, which does not depend on how busy the machine is.
   */
  readonly slowestHealthProcessorMs: number;
  readonly processorSeconds: number;
  readonly before: Usage & Figures;
  readonly highest: Usage & Pick<Figures, "heapBytes">;
  readonly after: Usage & Figures;
}

export interface SiegeOptions {
  readonly seed: number;
  /** The number of hostile requests and connections. */
  readonly load: number;
  /** The longest time that the attackers run. */
  readonly secondsMax: number;
  /** Only attacks whose names contain this text are made. @default all of them */
  readonly only?: string;
}

/** Attacks a server while a polite client uses it. */
export async function besiege(
  target: Target,
  { seed, load, secondsMax, only = "" }: SiegeOptions,
): Promise<SiegeReport> {
  const around = target.surroundings("");
  await fillLargeValues(target);
  const processorMs = () => processorMsOf(target.pid);
  const polite = new PoliteClient({ port: target.port, around, processorMs });
  const before = { ...usageOf(target.pid), ...(await figuresOf(target.api)) };
  const highest = { residentBytes: 0, descriptors: 0, heapBytes: 0 };
  const sampler = setInterval(() => {
    const now = usageOf(target.pid);
    highest.residentBytes = Math.max(highest.residentBytes, now.residentBytes);
    highest.descriptors = Math.max(highest.descriptors, now.descriptors);
  }, SAMPLE_INTERVAL_MS);
  const heapSampler = setInterval(() => {
    // If the server does not respond, the polite client reports it.
    figuresOf(target.api).then(
      ({ heapBytes }) => {
        highest.heapBytes = Math.max(highest.heapBytes, heapBytes);
      },
      () => {},
    );
  }, HEAP_SAMPLE_INTERVAL_MS);
  const startedMs = performance.now();
  const processorMsBefore = processorMs();
  polite.start();
  try {
    const attacked = await runAttacker({ port: target.port, around, seed, load, secondsMax, only });
    const after = await settled(target, before);
    const seconds = (performance.now() - startedMs) / 1000;
    await polite.stop();
    return {
      ...attacked,
      seconds,
      politeFailures: polite.failures,
      politeRequests: polite.requests,
      slowestPoliteMs: polite.slowestMs,
      slowestHealthMs: polite.slowestHealthMs,
      slowestHealthProcessorMs: polite.slowestHealthProcessorMs,
      processorSeconds: (processorMs() - processorMsBefore) / 1000,
      before,
      highest,
      after,
    };
  } catch (error) {
    if (await target.isAlive()) throw error;
    throw new Error(`The server has ended: ${target.said}`, { cause: error });
  } finally {
    clearInterval(sampler);
    clearInterval(heapSampler);
  }
}

async function runAttacker(input: AttackerInput): Promise<AttackerReport> {
  const child = fork(await buildProgram("faults/programs/attacker"), [JSON.stringify(input)]);
  const exited = once(child, "exit");
  const told = once(child, "message").then(([report]) => report as AttackerReport);
  const report = await Promise.race([told, exited.then(([code]) => `The attackers ended with ${code}.`)]);
  if (typeof report === "string") throw new Error(report);
  await exited;
  return report;
}

async function fillLargeValues(target: Target): Promise<void> {
  const { binding } = target.surroundings("");
  const value = "large ".repeat(LARGE_VALUE_BYTES / 6);
  for (let at = 0; at < LARGE_VALUES; at++) {
    const { status } = await target.api.fetch(`${binding}/large%2F${at}`, { method: "PUT", body: value });
    if (status !== 200) throw new Error(`A large value was answered ${status}.`);
  }
}

/** Waits until the server has released what the attackers held, or until the time is up. */
async function settled(target: Target, before: Usage & Figures): Promise<Usage & Figures> {
  const deadline = Date.now() + SETTLE_MS_MAX;
  for (;;) {
    const after = { ...usageOf(target.pid), ...(await figuresOf(target.api)) };
    if (brokenAfterwards(before, after).length === 0 || Date.now() > deadline) return after;
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS));
  }
}
