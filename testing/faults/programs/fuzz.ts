import { parseArgs } from "node:util";
import { breakClusters } from "../cluster/break-clusters.js";
import { fuzzRound } from "../connections/fuzzer.js";
import { LANES } from "../connections/limits.js";
import { Target } from "../connections/target.js";
import { besiege } from "../hostile/siege.js";
import { brokenPromises, renderSiege } from "../hostile/verdict.js";

const USAGE = `npm run fuzz [-- [--seed N] [--seconds N] [--connections N]]
npm run fuzz -- --hostile N [--seed N] [--seconds N] [--only TEXT]
npm run fuzz -- --cluster N [--seed N] [--seconds N]

The first runs connections that do what clients may do and should not, against a real \`kvasir serve\` with a small heap,
and judges each response by a model of the right ones. A failure is printed with its seed and the shortest plan that
was found. The second lets attackers make N requests and connections while a polite client uses the server.
The third starts a cluster with N replicas of each primary again and again, and lets faults happen to it.

  --seed N         the first seed; the next are N + 1, N + 2, ... (default: 1)
  --seconds N      how long at most (default: 60; with --hostile: 3600, with --cluster: 600)
  --connections N  at a time (default: ${LANES})
  --hostile N      attackers, and how much they do
  --only TEXT      the attacks whose names contain this
  --cluster N      replicas of each primary: 1 or 2`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      seconds: { type: "string" },
      connections: { type: "string", default: String(LANES) },
      hostile: { type: "string" },
      only: { type: "string", default: "" },
      cluster: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const seed = wholeNumber("seed", values.seed);
  if (values.cluster !== undefined) {
    const seconds = wholeNumber("seconds", values.seconds ?? "600");
    const replicas = wholeNumber("cluster", values.cluster);
    if (replicas < 1 || replicas > 2)
      throw new TypeError(`--cluster takes 1 or 2, not ${replicas}. See --help.`);
    const isFine = await breakClusters({ seed, seconds, replicas });
    if (!isFine) process.exitCode = 1;
    return;
  }
  const target = await Target.start();
  try {
    const isFine =
      values.hostile === undefined
        ? await fuzz(target, {
            seed,
            seconds: wholeNumber("seconds", values.seconds ?? "60"),
            lanes: wholeNumber("connections", values.connections),
          })
        : await attack(target, {
            seed,
            load: wholeNumber("hostile", values.hostile),
            secondsMax: wholeNumber("seconds", values.seconds ?? "3600"),
            only: values.only,
          });
    if (!isFine) process.exitCode = 1;
  } finally {
    await target.kill();
  }
}

async function fuzz(
  target: Target,
  { seed, seconds, lanes }: { readonly seed: number; readonly seconds: number; readonly lanes: number },
): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  let [connections, requests, failures] = [0, 0, 0];
  for (let round = seed; Date.now() < deadline; round++) {
    const report = await fuzzRound(target, { seed: round, lanes });
    connections += report.connections;
    requests += report.requests;
    failures += report.failures;
    for (const failure of report.explained) console.log(`\n${failure}\n`);
    console.log(
      `seed ${round}: ${connections} connections, ${requests} requests, ${failures} failures so far`,
    );
  }
  return failures === 0;
}

async function attack(target: Target, options: Parameters<typeof besiege>[1]): Promise<boolean> {
  const report = await besiege(target, options);
  const broken = brokenPromises(report);
  console.log([renderSiege(report), ...broken.map((promise) => `BROKEN: ${promise}`)].join("\n"));
  return broken.length === 0;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TypeError(`--${name} takes a whole number, not "${text}". See --help.`);
}

await main();
