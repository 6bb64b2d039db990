import { Random } from "../../harness/random.js";
import { runInOwnNetwork } from "./fault-process.js";
import { brokenOf } from "./judge.js";
import { NETWORK_NAMESPACE } from "./network.js";
import { scheduleOf } from "./schedule.js";

const FAULTS_EACH = 6;

/** Runs random faults for a while, a new cluster for each seed. Returns whether all promises were kept. */
export async function breakClusters({
  seed,
  seconds,
  replicas,
}: {
  readonly seed: number;
  readonly seconds: number;
  readonly replicas: number;
}): Promise<boolean> {
  if (!NETWORK_NAMESPACE.met)
    console.log(`Nothing is cut off: this machine lacks ${NETWORK_NAMESPACE.name}.`);
  const deadline = Date.now() + seconds * 1000;
  let [faults, writes, inDoubt, failures] = [0, 0, 0, 0];
  for (let round = seed; Date.now() < deadline; round++) {
    const names = scheduleOf(new Random(round), { count: FAULTS_EACH, hasNetwork: NETWORK_NAMESPACE.met });
    const run = { seed: String(round), acks: "all", faults: names } as const;
    try {
      for await (const report of runInOwnNetwork([run], { replicas })) {
        const broken = brokenOf(report.verdict);
        faults += report.faults.length;
        writes += report.writes;
        inDoubt += report.unknown;
        failures += broken.length;
        for (const what of broken.slice(0, 20)) console.log(`seed ${round}: BROKEN: ${what}`);
      }
    } catch (error) {
      failures++;
      console.log(`seed ${round} (${names.join(", ")}): ${String(error)}`);
    }
    console.log(
      `seed ${round}: ${faults} faults, ${writes} writes, ${inDoubt} in doubt, ${failures} failures so far`,
    );
  }
  return failures === 0;
}
