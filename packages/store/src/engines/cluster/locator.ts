import { KvError } from "@kvasir/client/namespace";
import type { Access, Address } from "./connection.js";
import { BUCKETS_DEFAULT, PARTITIONS } from "./limits.js";

/** The data that a locator names, and the promises that it asks for. */
export interface ClusterLocator extends Access {
  /** The nodes that are asked for all others. */
  readonly seeds: readonly Address[];
  /** Of the store: several of them can share a cluster. */
  readonly name: string;
  /** `all`: a write is acknowledged when the primary and all its replicas have it on disk. `1`: the primary alone. */
  readonly acks: "all" | "1";
  /** `strong`: reads are linearizable. `primary`: they may see a write before it is acknowledged. */
  readonly reads: "strong" | "primary";
  /** Of a new namespace: a power of two. */
  readonly buckets: number;
  /** How many replicas each primary has. `null`: what the cluster had when the store was made. */
  readonly replicas: number | null;
}

const PORT_DEFAULT = 6379;
const OPTIONS = ["acks", "reads", "buckets", "replicas"];
const FORM = "valkey://[USER:PASSWORD@]HOST:PORT,HOST:PORT/NAME[?acks=all|1&reads=primary|strong&buckets=N]";

/**
 * Parses what follows the scheme: `user:password@host:port,host:port/name?acks=all`.
 *
 * @throws KvError `bad_request`, whose message never shows the user or the password
 */
export function parseClusterLocator(rest: string, { tls }: { readonly tls: boolean }): ClusterLocator {
  const [, credentials, hosts = "", name = "", query = ""] =
    /^(?:(.*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/s.exec(rest) ?? [];
  if (hosts === "") throw malformedError("names no host");
  const options = new URLSearchParams(query);
  for (const option of options.keys()) {
    if (!OPTIONS.includes(option)) throw malformedError(`has no option ${JSON.stringify(option)}`);
    if (options.getAll(option).length > 1) throw malformedError(`has the option ${option} twice`);
  }
  return {
    seeds: hosts.split(",").map(parseAddress),
    name: parseName(name),
    ...parseCredentials(credentials),
    tls,
    acks: oneOf(options, "acks", ["all", "1"]),
    reads: oneOf(options, "reads", ["primary", "strong"]),
    buckets: parseBuckets(options.get("buckets")),
    replicas: parseReplicas(options.get("replicas")),
  };
}

function parseAddress(text: string): Address {
  const [, bracketed, plain, port = String(PORT_DEFAULT)] =
    /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw malformedError(`has the address ${JSON.stringify(text)}, which is not HOST:PORT`);
  }
  return { host, port: Number(port) };
}

/** Part of each key in the cluster, before the `{` of its hash tag. */
function parseName(text: string): string {
  const name = decode(text);
  if (name === "") throw malformedError("has no name for the data, which keeps stores on one cluster apart");
  if (/^\d+$/.test(name)) {
    throw malformedError(
      `has the name ${name}, which looks like a number of a database: a cluster has one only`,
    );
  }
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(name)) return name;
  throw malformedError(`has the name ${JSON.stringify(name)}, which is not 1 to 64 of A-Z a-z 0-9 _ . -`);
}

function parseCredentials(text: string | undefined): Pick<Access, "username" | "password"> {
  if (text === undefined || text === "") return { username: undefined, password: undefined };
  const colon = text.indexOf(":");
  if (colon === -1) throw malformedError("has a user without a password");
  const username = decode(text.slice(0, colon));
  return { username: username === "" ? undefined : username, password: decode(text.slice(colon + 1)) };
}

function parseBuckets(text: string | null): number {
  if (text === null) return BUCKETS_DEFAULT;
  const buckets = Number(text);
  if (
    /^\d{1,4}$/.test(text) &&
    buckets >= 1 &&
    buckets <= PARTITIONS &&
    Number.isInteger(Math.log2(buckets))
  ) {
    return buckets;
  }
  throw malformedError(`has buckets=${text}, which is not a power of two from 1 to ${PARTITIONS}`);
}

function parseReplicas(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d$/.test(text)) return Number(text);
  throw malformedError(`has replicas=${text}, which is not a number from 0 to 9`);
}

function oneOf<const T extends string>(
  options: URLSearchParams,
  name: string,
  values: readonly [T, ...T[]],
): T {
  const value = options.get(name) ?? values[0];
  const known = values.find((candidate) => candidate === value);
  if (known !== undefined) return known;
  throw malformedError(`has ${name}=${value}, which is not ${values.join(" or ")}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformedError("has a % that begins no percent-encoded character");
  }
}

function malformedError(what: string): KvError {
  return new KvError("bad_request", `The locator of the cluster ${what}.`, { hint: `Write it as ${FORM}.` });
}
