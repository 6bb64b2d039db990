import { KvError, type KvErrorCode } from "@kvasir/client/namespace";
import { TRANSFER_BATCH_ENTRIES } from "@kvasir/store";
import { Failure } from "../../failure/failure.js";
import type { DataSource } from "../data/data-source.js";
import { serverData } from "../data/server-data.js";
import { takeVariable } from "../options/process-environment.js";
import { emptyPlace } from "./empty-place.js";
import type { CopyLocator } from "./locator.js";
import { type CopyPlace, type OpenTargetOptions, readSampleOf } from "./place.js";
import { looksLikeId } from "./store-place.js";

type ServerLocator = Extract<CopyLocator, { kind: "server" }>;

/** The tokens of this command, by the end of the copy. `KVASIR_TOKEN` is for both. */
export interface ServerTokens {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Takes the tokens out of the environment, so that no other program sees them there. */
export function takeServerTokens(): ServerTokens {
  const both = takeVariable("KVASIR_TOKEN") || undefined;
  return {
    from: takeVariable("KVASIR_FROM_TOKEN") || both,
    to: takeVariable("KVASIR_TO_TOKEN") || both,
  };
}

export async function openServerSource(
  locator: ServerLocator,
  token: string | undefined,
): Promise<CopyPlace> {
  return await naming("from", async () => {
    const server = serverData({ url: locator.url, token });
    const id = await idIn(server, locator.namespace);
    if (id === undefined) throw noNamespace(locator);
    return placeIn(server, locator, id);
  });
}

export async function openServerTarget(
  locator: ServerLocator,
  token: string | undefined,
  { creates, onCreated }: OpenTargetOptions,
): Promise<CopyPlace> {
  return await naming("to", async () => {
    const server = serverData({ url: locator.url, token });
    const id = await idIn(server, locator.namespace);
    if (id !== undefined) return placeIn(server, locator, id);
    if (looksLikeId(locator.namespace)) throw noNamespace(locator);
    if (!creates) return emptyPlace(locator.shown);
    const created = await server.admin.namespaces.create(locator.namespace);
    onCreated(locator.shown);
    return placeIn(server, locator, created.id);
  });
}

/** Errors of a server name the flag and the variable that belong to this end of the copy. */
async function naming<T>(end: "from" | "to", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof KvError)) throw cause;
    const variable = `KVASIR_TOKEN, or KVASIR_${end.toUpperCase()}_TOKEN,`;
    const hints: Partial<Record<KvErrorCode, string>> = {
      unavailable: `Start it with \`kvasir serve\`, or check the address of --${end}.`,
      unauthorized: `Set ${variable} to one that \`kvasir token create\` printed.`,
      forbidden: `Set ${variable} to a token with a larger scope, or one for this namespace.`,
      route_not_found: `Check that the address of --${end} is the one that Kvasir prints after \`api\`.`,
    };
    throw new KvError(cause.code, cause.message, { hint: hints[cause.code] ?? cause.hint, cause });
  }
}

async function idIn({ admin }: DataSource, name: string): Promise<string | undefined> {
  const all = await admin.namespaces.list();
  return (all.find(({ id }) => id === name) ?? all.find(({ title }) => title === name))?.id;
}

function placeIn(server: DataSource, { shown, url }: ServerLocator, id: string): CopyPlace {
  const source = server.source(id);
  return {
    shown,
    identity: `${url.replace("//localhost:", "//127.0.0.1:")}#${id}`,
    source,
    keeps: { wholeSeconds: false, contentType: true },
    behindMs: 0,
    batchEntries: TRANSFER_BATCH_ENTRIES,
    batchesInFlight: 2,
    isSlow: false,
    readsInBulk: false,
    sink: (options) => server.sink(id, options),
    count: (prefix) => server.namespace(id).count(prefix === "" ? {} : { prefix }),
    readSample: (sample) => readSampleOf(source, sample),
    close: () => server.close(),
  };
}

function noNamespace({ namespace, url }: ServerLocator): Failure {
  return new Failure(`There is no namespace ${JSON.stringify(namespace)} at ${url}.`, {
    hint: `\`kvasir kv namespace list --url ${url}\` shows those that the token may use.`,
  });
}
