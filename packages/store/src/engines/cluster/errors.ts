import { KvError } from "@kvasir/client/namespace";
import type { ClusterProblem } from "../../store/cluster-figures.js";

/** Errors of a cluster. None of them names a user or a password. */

/** A write was sent, and nothing says whether it lasts. */
export function outcomeUnknownError(why: string): KvError {
  return new KvError("outcome_unknown", `The write may or may not have been made: ${why}.`, {
    hint: "Read what is stored before you write again.",
  });
}

/** Some of the writes of one operation were made, others were refused or are in doubt. */
export function partlyMadeError(why: unknown): KvError {
  const reason = why instanceof Error ? why.message : String(why);
  return new KvError("outcome_unknown", `Some of the writes were made, and others were not: ${reason}`, {
    hint: "Read what is stored before you write again.",
    cause: why,
  });
}

/** An operation was refused until its time was over. Nothing was written. */
export function refusedError(why: string): KvError {
  return new KvError("unavailable", `The cluster did not take the operation: ${why}.`, {
    hint: "Nothing was changed. Try again when the cluster is whole.",
  });
}

export function overloadedError(): KvError {
  return new KvError("unavailable", "Too many operations are waiting for a node of the cluster.", {
    hint: "Wait for some of them to finish before sending more.",
  });
}

/** `why` says for each node that was asked what went wrong. */
export function unreachableError(why: readonly string[], { tls }: { readonly tls: boolean }): KvError {
  const all = why.join("; ");
  return new KvError("unavailable", `No node of the cluster could be reached: ${all}.`, {
    hint: hintFor(all, tls),
  });
}

function hintFor(why: string, tls: boolean): string {
  if (tls && /certificate|altnames/i.test(why)) {
    return "Name the file with your certificate authority in NODE_EXTRA_CA_CERTS, and use hosts that the certificates name.";
  }
  if (tls && /speak TLS|no reply|ECONNRESET|closed/.test(why)) {
    return "If the nodes do not use TLS, write valkey:// instead of valkeys://.";
  }
  if (!tls && /ECONNRESET|closed/.test(why)) {
    return "If the nodes use TLS, write valkeys:// instead of valkey://. Otherwise check that they are Valkey or Redis servers.";
  }
  return "Check the addresses in the locator, and that the cluster is running.";
}

export function loginError(where: string, reply: string): KvError {
  return new KvError("unavailable", `${where} does not let this user in: ${reply}.`, {
    hint: "Put the user and the password into the locator: valkey://USER:PASSWORD@HOST:PORT/NAME.",
  });
}

/** `why` is a clause. */
export function notAStoreError(where: string, why: string): KvError {
  return new KvError("unsupported", `The server at ${where} ${why}.`, {
    hint: "Name nodes of a Valkey or Redis Cluster in the locator.",
  });
}

export function notAClusterError(where: string): KvError {
  return new KvError("unsupported", `The server at ${where} is not a node of a cluster.`, {
    hint: "Start it with `cluster-enabled yes`, and join the nodes with `redis-cli --cluster create`.",
  });
}

/**
 * The rights that a user needs, as `ACL SETUSER` takes them, besides the keys `~NAME:*`. Dangerous commands are taken
 * away first: of them only those that only look are given back.
 */
export const RIGHTS =
  "+@read +@write -@dangerous +@connection +@scripting +cluster|info +cluster|nodes +config|get +info +time +wait +asking";

/** The user of the locator may not use a command or a key. */
export function rightsError(reply: string): KvError {
  return new KvError(
    "unavailable",
    `The user of the locator has too few rights: ${reply.replace(/\.$/, "")}.`,
    {
      hint: `Give it these with ACL SETUSER, for the name in the locator: ${RIGHTS} ~NAME:*`,
    },
  );
}

/** Whether a node refuses a command because of the user, also inside a script. */
export function isMissingRight({ message }: Error): boolean {
  return /^NOPERM|ACL failure in script/.test(message);
}

/** One thing that is wrong with the cluster. */
export function problemError({ message, refuses }: ClusterProblem): KvError {
  if (refuses) return settingsError([message]);
  return new KvError("unavailable", message, {
    hint: "docs/guides/cluster.md says what to do in each fault.",
  });
}

/** The cluster cannot keep the promise that a write lasts. `problems` are full sentences. */
export function settingsError(problems: readonly string[]): KvError {
  return new KvError("unsupported", problems.join(" "), {
    hint: "docs/guides/cluster.md has the settings that the cluster needs.",
  });
}

/** What a reply of a node looks like that no version of the engine wrote. */
export function corruptError(what: string): KvError {
  return new KvError("storage_corrupt", `${what} cannot be read.`, {
    hint: "Something else than Kvasir has written to the cluster under this name.",
  });
}
