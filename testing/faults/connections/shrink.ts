import { PLAIN } from "./dress.js";
import { SHRINK_RUNS_MAX } from "./limits.js";
import type { SessionPlan, Step } from "./plan.js";

/**
 * Makes a failing plan shorter and simpler as long as it still fails.
 *
 * @param fails Runs a plan alone.
 */
export async function shrink(
  plan: SessionPlan,
  fails: (plan: SessionPlan) => Promise<boolean>,
): Promise<SessionPlan> {
  let runs = 0;
  let smallest = plan;
  const attempt = async (candidate: SessionPlan): Promise<boolean> => {
    if (runs++ >= SHRINK_RUNS_MAX || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  // Removes halves first, then quarters, down to single requests.
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = smallest.steps.length - size; at >= 0; at -= size) {
      const steps = smallest.steps.filter((_, index) => index < at || index >= at + size);
      if (steps.length > 0) await attempt({ ...smallest, steps });
    }
  }
  await attempt({ ...smallest, ending: { how: "after the last response" } });
  await attempt({ ...smallest, readsLate: false });
  await attempt({ ...smallest, isWatched: false });
  await attempt({ ...smallest, steps: smallest.steps.map(whole) });
  for (let at = 0; at < smallest.steps.length; at++) {
    const steps = smallest.steps.map((step, index) => (index === at ? plain(step) : step));
    await attempt({ ...smallest, steps });
  }
  return smallest;
}

function whole(step: Step): Step {
  return { ...step, pieces: [Number.POSITIVE_INFINITY], pause: 1 };
}

function plain(step: Step): Step {
  return { ...step, request: { ...step.request, dress: PLAIN } };
}
