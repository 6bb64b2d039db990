import type { CheckProblem, CheckReport } from "../../store/check-report.js";
import { CHECK_PROBLEMS_MAX } from "./limits.js";

/** Collects the findings of a check in bounded memory. */
export class CheckLog {
  entries = 0;
  bytes = 0;
  #problemCount = 0;
  readonly #problems: CheckProblem[] = [];

  add(problem: CheckProblem | string): void {
    this.#problemCount++;
    if (this.#problems.length >= CHECK_PROBLEMS_MAX) return;
    this.#problems.push(typeof problem === "string" ? { message: problem } : problem);
  }

  report(): CheckReport {
    const { entries, bytes } = this;
    return { readable: true, entries, bytes, problemCount: this.#problemCount, problems: this.#problems };
  }
}
