import { type ClientRequest, get } from "node:http";
import { Program } from "../core/program.js";
import { race } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { TOKEN } from "../fixtures/kvasir.js";
import type { WatchersQuestion } from "../fixtures/programs/watchers-server.js";

const WATCHES = 1000;
const CALLERS = 32;

type WatchersServer = Program<{ readonly url: string; readonly namespace: string }>;

export const watchers: Scenario = {
  name: "watchers",
  title: "What do watches of other keys cost a writer?",
  async run(bench) {
    const watched = await start(bench);
    const alone = await start(bench);
    await watch(bench, watched);
    await race(
      bench,
      {
        what: `durable put of 100-byte text, ${CALLERS} callers at once, ${WATCHES} watches of other prefixes over HTTP`,
        unit: "ops/s",
      },
      writer(watched),
      [
        {
          peer: { name: "itself without watches", version: "" },
          contestant: writer(alone),
          target: targets.watchedPuts,
        },
      ],
    );
  },
};

async function start({ workspace }: Bench): Promise<WatchersServer> {
  return Program.start(workspace, "fixtures/programs/watchers-server", {
    args: [await workspace.directory("watchers")],
  });
}

function writer(server: WatchersServer) {
  return {
    measure: (writeMs: number) =>
      server.ask<number>({ writeMs, callers: CALLERS } satisfies WatchersQuestion),
  };
}

/** Opens the watches and reads their heartbeats. */
async function watch({ workspace }: Bench, { ready: { url, namespace } }: WatchersServer): Promise<void> {
  const requests: ClientRequest[] = [];
  workspace.onRelease(async () => {
    for (const request of requests) request.destroy();
  });
  const headers = { authorization: `Bearer ${TOKEN}` };
  await Promise.all(
    Array.from({ length: WATCHES }, async (_, index) => {
      const path = `${url}/binding/${namespace}/?watch=true&prefix=other:${index}:`;
      await new Promise<void>((resolve, reject) => {
        const request = get(path, { headers, agent: false }, (response) => {
          response.resume().on("error", () => {});
          if (response.statusCode === 200) resolve();
          else reject(new Error(`A watch was answered ${response.statusCode}.`));
        });
        request.on("error", reject);
        requests.push(request);
      });
    }),
  );
}
