import { CloudflareSink } from "../../cloudflare/cloudflare-sink.js";
import { CloudflareSource } from "../../cloudflare/cloudflare-source.js";
import { cloudflareAccess } from "../../cloudflare/credentials.js";
import { createCloudflareNamespace, findCloudflareNamespace } from "../../cloudflare/namespaces.js";
import { CloudflareRequester } from "../../cloudflare/requester.js";
import { Failure } from "../../failure/failure.js";
import { takeVariable } from "../options/process-environment.js";
import { emptyPlace } from "./empty-place.js";
import type { CopyLocator } from "./locator.js";
import type { CopyPlace, OpenTargetOptions } from "./place.js";
import { looksLikeId } from "./store-place.js";

type CloudflareLocator = Extract<CopyLocator, { kind: "cloudflare" }>;

export interface CloudflarePlaceOptions {
  readonly singleReads: boolean;
  /** Called before nothing is sent for a while, with its length in milliseconds. */
  readonly onPause: (ms: number) => void;
}

/** How long a list at Cloudflare may be behind, in milliseconds: a minute, and some time. */
const BEHIND_MS = 90_000;
/** Fewer than a bulk write takes, so that not much is done again after an interruption. */
const BATCH_ENTRIES = 2_000;
const SECRETS = ["CLOUDFLARE_API_TOKEN", "CF_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_KEY"] as const;

/** One client for both ends of a copy, because both count for the same limit of requests. */
export class CloudflarePlaces {
  readonly #options: CloudflarePlaceOptions;
  #client: CloudflareRequester | undefined;

  constructor(options: CloudflarePlaceOptions) {
    this.#options = options;
  }

  async openSource(locator: CloudflareLocator): Promise<CopyPlace> {
    const { account, namespace: name } = locator;
    const found = await findCloudflareNamespace(this.#requester(), { account, name });
    if (found === undefined) throw noNamespace(locator);
    return this.#place(locator, found.id);
  }

  async openTarget(
    locator: CloudflareLocator,
    { creates, onCreated }: OpenTargetOptions,
  ): Promise<CopyPlace> {
    const { account, namespace: name } = locator;
    const found = await findCloudflareNamespace(this.#requester(), { account, name });
    if (found !== undefined) return this.#place(locator, found.id);
    if (looksLikeId(name)) throw noNamespace(locator);
    if (!creates) return emptyPlace(locator.shown);
    const created = await createCloudflareNamespace(this.#requester(), { account, title: name });
    onCreated(locator.shown);
    return this.#place(locator, created.id);
  }

  #requester(): CloudflareRequester {
    if (this.#client !== undefined) return this.#client;
    const secrets = Object.fromEntries(SECRETS.map((name) => [name, takeVariable(name)]));
    const access = cloudflareAccess({ ...process.env, ...secrets });
    this.#client = new CloudflareRequester({ ...access, onPause: this.#options.onPause });
    return this.#client;
  }

  #place({ shown, account }: CloudflareLocator, namespace: string): CopyPlace {
    const requester = this.#requester();
    const address = { account, namespace };
    const source = new CloudflareSource(requester, { ...address, singly: this.#options.singleReads });
    return {
      shown,
      identity: `cloudflare:${account}/${namespace}`,
      source,
      keeps: { wholeSeconds: true, contentType: false },
      behindMs: BEHIND_MS,
      batchEntries: BATCH_ENTRIES,
      batchesInFlight: 4,
      isSlow: true,
      readsInBulk: !this.#options.singleReads,
      sink: (options) => new CloudflareSink(requester, { ...address, ...options }),
      count: (prefix) => source.count(prefix),
      readSample: (sample) =>
        source.readKeys(
          sample.map(({ key, metadata }) => ({
            name: key,
            ...(metadata !== null && { metadata: JSON.parse(metadata) as unknown }),
          })),
        ),
      async close() {},
    };
  }
}

function noNamespace({ account, namespace }: CloudflareLocator): Failure {
  return new Failure(`There is no namespace ${JSON.stringify(namespace)} in the account ${account}.`, {
    hint: "`wrangler kv namespace list` shows their titles and ids.",
  });
}
