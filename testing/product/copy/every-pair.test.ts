import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type EntryFormat, encodeEntries, open, type PortableEntry, readItems } from "@kvasir/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseCopyLocator } from "../../../packages/kvasir/src/commands/copy/locator.js";
import { openPlaces } from "../../../packages/kvasir/src/commands/copy/open-places.js";
import { CopyOutput } from "../../../packages/kvasir/src/commands/copy/output.js";
import type { CopyPlace } from "../../../packages/kvasir/src/commands/copy/place.js";
import { runCopy } from "../../../packages/kvasir/src/commands/copy/run.js";
import {
  compressionOf,
  decompressionOf,
} from "../../../packages/kvasir/src/commands/transfer/compression.js";
import { ACCOUNT, openServer, type TestServer } from "../../harness/api.js";
import { CloudflareMock } from "../../harness/cloudflare/api.js";
import { Random, runSeed } from "../../harness/random.js";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";
import { compared } from "./copied.js";
import { randomEntries } from "./random-entries.js";

const COUNT = 60;

const seed = runSeed();
const entries = randomEntries(new Random(seed), COUNT, "everything");

/** A kind of locator. `v4` is Kvasir's own server in Cloudflare's place. */
type Kind = "directory" | "server" | "valkey" | "cloudflare" | "v4";

// One program has one address of the Cloudflare API, so nothing is copied from `cloudflare` to `v4`.
const PAIRS = (["cloudflare", "v4"] as const).flatMap((hosted) => {
  const kinds: readonly Kind[] = ["directory", "server", "valkey", hosted];
  return kinds.flatMap((from) => kinds.map((to) => [from, to] as const));
});
const DISTINCT_PAIRS = [...new Map(PAIRS.map((pair) => [pair.join(), pair])).values()];

const isHosted = (kind: Kind) => kind === "cloudflare" || kind === "v4";

/** What the array of wrangler's bulk write keeps of an entry: an expiration in whole seconds. */
function inWholeSeconds(entry: PortableEntry): PortableEntry {
  const { expirationMs } = entry;
  return { ...entry, expirationMs: expirationMs === null ? null : Math.floor(expirationMs / 1000) * 1000 };
}

/** What Workers KV keeps of an entry. */
function atCloudflare(entry: PortableEntry): PortableEntry {
  return { ...inWholeSeconds(entry), contentType: null };
}

test.each(["x.jsonl", "x.json", "x.jsonl.gz", "x.json.gz", "x.jsonl.zst", "x.json.zst"])(
  "an entry of any kind comes back equal through a file %s",
  async (name) => {
    const format: EntryFormat = name.startsWith("x.jsonl") ? "jsonl" : "json";
    const source = {
      async *read() {
        yield entries;
      },
    };
    const found: PortableEntry[] = [];
    await pipeline([
      Readable.from(encodeEntries(source, { format })),
      ...compressionOf(name),
      ...decompressionOf(name),
      async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const items of readItems(chunks, { nowMs: Date.now })) {
          for (const item of items) {
            if (item.type !== "entry") throw new Error(`${JSON.stringify(item)}, seed ${seed}`);
            found.push(item.entry);
          }
        }
      },
    ] as never);
    const kept = format === "json" ? entries.map(inWholeSeconds) : entries;
    expect(compared(found), `seed ${seed}`).toEqual(compared(kept));
  },
);

describeWith(REDIS_SERVER, "an entry of any kind comes back equal", () => {
  const mock = new CloudflareMock();
  let cluster: RedisCluster;
  let server: TestServer;
  let directory: string;
  beforeAll(async () => {
    // Not `temporaryDirectory()`, which ends with the test that it is called in.
    directory = mkdtempSync(join(tmpdir(), "kvasir-test-"));
    await mock.start();
    server = await openServer({ auth: { mode: "tokens", adminToken: "one" } });
    cluster = await RedisCluster.start({ replicas: 0 });
  });
  afterAll(async () => {
    await Promise.all([mock.stop(), server?.stop(), cluster?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });

  const textOf = (kind: Kind, title: string) => {
    const texts = {
      directory: () => `${directory}#${title}`,
      server: () => `${server.url}#${title}`,
      valkey: () => `${cluster.locator("pairs", "?acks=1")}#${title}`,
      cloudflare: () => `cloudflare:${mock.account}/${title}`,
      v4: () => `cloudflare:${ACCOUNT}/${title}`,
    };
    return texts[kind]();
  };

  /** Opens two namespaces as the command does, which takes the secrets out of its environment. */
  async function withPlaces<T>(
    [from, to]: readonly [readonly [Kind, string], readonly [Kind, string]],
    work: (source: CopyPlace, target: CopyPlace) => Promise<T>,
  ): Promise<T> {
    const own = { CLOUDFLARE_API_BASE_URL: `${server.url}/client/v4`, CLOUDFLARE_API_TOKEN: "one" };
    Object.assign(process.env, from[0] === "v4" || to[0] === "v4" ? own : mock.env, { KVASIR_TOKEN: "one" });
    const parse = ([kind, title]: readonly [Kind, string], flag: string) =>
      parseCopyLocator(textOf(kind, title), { flag, account: undefined });
    const places = await openPlaces(parse(from, "--from"), parse(to, "--to"), {
      creates: true,
      singleReads: false,
      onCreated() {},
      onPause() {},
    });
    try {
      return await work(places.source, places.target);
    } finally {
      await places.close();
    }
  }

  /** Fills the namespace `source` of each kind from a directory, with nothing in between but its own sink. */
  async function fill(kind: Kind): Promise<void> {
    await withPlaces(
      [
        ["directory", "nothing"],
        [kind, "source"],
      ],
      async (_, target) => {
        const { refused } = await target.sink({}).write(entries);
        expect(refused).toEqual([]);
      },
    );
  }

  async function contentsOf({ source }: CopyPlace): Promise<readonly PortableEntry[]> {
    const found: PortableEntry[] = [];
    for await (const batch of source.read({})) found.push(...batch);
    return found;
  }

  test("through every pair of locators", { timeout: 120_000 }, async () => {
    const database = open(directory);
    await database.catalog.ensureTitle("nothing");
    await database.close();
    for (const kind of ["directory", "server", "valkey", "cloudflare"] as const) await fill(kind);
    for (const [from, to] of DISTINCT_PAIRS) {
      // The server in Cloudflare's place is the same server.
      const title = `${from}-${to}`;
      await withPlaces(
        [
          [from, "source"],
          [to, title],
        ],
        async (source, target) => {
          const outcome = await runCopy(source, target, {}, new CopyOutput({ json: true }));
          const what = `${title}, seed ${seed}`;
          expect(outcome, what).toMatchObject({ totals: { written: COUNT, refused: 0 } });
          const kept = isHosted(from) || isHosted(to) ? entries.map(atCloudflare) : entries;
          expect(compared(await contentsOf(target)), what).toEqual(compared(kept));
        },
      );
    }
  });
});
