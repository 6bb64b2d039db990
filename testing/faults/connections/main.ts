import { parseArgs } from "node:util";
import { fuzzRound } from "./fuzzer.js";
import { LANES } from "./limits.js";
import { Target } from "./target.js";

const USAGE = `npm run fuzz [-- [--seed N] [--seconds N] [--connections N]]

Connections that do what clients should not, against a real kvasir serve, judged by a model of the right responses.

  --seed N         the first seed; the next are N + 1, N + 2, ... (default: 1)
  --seconds N      how long (default: 60)
  --connections N  at a time (default: ${LANES})
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      seconds: { type: "string", default: "60" },
      connections: { type: "string", default: String(LANES) },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const deadline = Date.now() + Number(values.seconds) * 1000;
  const target = await Target.start();
  let [connections, requests, failed] = [0, 0, 0];
  for (let seed = Number(values.seed); Date.now() < deadline; seed++) {
    const round = await fuzzRound(target, { seed, lanes: Number(values.connections) });
    connections += round.connections;
    requests += round.requests;
    failed += round.failures;
    for (const failure of round.explained) console.log(`\nseed ${seed}\n${failure}`);
    console.log(`seed ${seed}: ${connections} connections, ${requests} requests, ${failed} failures`);
  }
  await target.stop();
  if (failed > 0) process.exitCode = 1;
}

await main();
