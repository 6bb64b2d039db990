import { Cron } from "croner";
import type { EventSink } from "../../events/events.js";
import type { CronTrigger } from "../config/triggers.js";
import type { ScheduledResult, ScheduledRun } from "../workerd/scheduled-request.js";

/** A function with its cron triggers. */
export interface Scheduled {
  readonly name: string;
  readonly crons: readonly CronTrigger[];
}

export interface CronScheduleOptions {
  readonly trigger: (functionName: string, run: ScheduledRun) => Promise<ScheduledResult | undefined>;
  readonly onEvent: EventSink;
}

/**
 * Runs the `scheduled` handlers of functions by the clock, in UTC. Moments that pass while nothing runs are not
 * made up for. Runs may overlap, as on Cloudflare.
 */
export class CronSchedule {
  readonly #options: CronScheduleOptions;
  readonly #jobs: readonly Cron[];

  constructor(functions: readonly Scheduled[], options: CronScheduleOptions) {
    this.#options = options;
    this.#jobs = functions.flatMap(({ name, crons }) =>
      crons.map(
        ({ expression, pattern }) =>
          new Cron(pattern, { timezone: "UTC" }, (job: Cron) => this.#run(name, expression, job)),
      ),
    );
  }

  /** Starts nothing more. Runs that have begun are requests in flight of their workerd, which finishes them. */
  stop(): void {
    for (const job of this.#jobs) job.stop();
  }

  async #run(name: string, cron: string, job: Cron): Promise<void> {
    const startMs = performance.now();
    const scheduledTimeMs = job.currentRun()?.setMilliseconds(0) ?? Date.now();
    const result = await this.#options.trigger(name, { cron, scheduledTimeMs });
    const ms = Math.round(performance.now() - startMs);
    const outcome = result?.outcome ?? "was cut off, because its process ended";
    this.#options.onEvent({
      event: "log",
      level: outcome === "ok" ? "info" : "error",
      function: name,
      message: `scheduled "${cron}": ${outcome} in ${ms} ms`,
    });
  }
}
