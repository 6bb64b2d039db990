import type { ClusterProblem } from "../../store/cluster-figures.js";
import { RIGHTS } from "./errors.js";
import { type Promised, placeOf } from "./problems.js";
import type { Visit } from "./visit.js";

interface Rule {
  readonly name: string;
  readonly isRight: (value: string) => boolean;
  readonly should: string;
  readonly because: string;
  /** Whether it also matters when only the primary acknowledges. */
  readonly always: boolean;
}

/** Why each is needed was shown by breaking a cluster without it; DESIGN.md has the cases. */
const RULES: readonly Rule[] = [
  {
    name: "appendonly",
    isRight: (value) => value === "yes",
    should: "yes",
    because: "a node that is started again would be empty",
    always: true,
  },
  {
    name: "appendfsync",
    isRight: (value) => value === "always",
    should: "always",
    because: "a node would acknowledge writes that are not on disk",
    always: true,
  },
  {
    name: "no-appendfsync-on-rewrite",
    isRight: (value) => value === "no",
    should: "no",
    because: "writes would not be on disk while the log is rewritten",
    always: true,
  },
  {
    name: "maxmemory-policy",
    isRight: (value) => value === "noeviction",
    should: "noeviction",
    because: "a node that is full would throw entries away",
    always: true,
  },
  {
    name: "repl-diskless-load",
    isRight: (value) => value === "disabled",
    should: "disabled",
    because: "a replica would drop its data before it has the new ones",
    always: false,
  },
  {
    name: "cluster-replica-validity-factor",
    isRight: (value) => Number(value) > 0,
    should: "10",
    because: "a replica with old data could become the primary",
    always: false,
  },
  {
    name: "cluster-allow-replica-migration",
    isRight: (value) => value === "no",
    should: "no",
    because: "a replica of another shard could confirm writes in place of the one that is elected",
    always: false,
  },
];

/** The settings that a node is asked for. */
export const SETTINGS: readonly string[] = RULES.map(({ name }) => name);

/** Compares the settings of a node with what the promise needs. A node that is down breaks none. */
export function settingProblems(
  { node, settings, refusal }: Visit,
  { acks }: Pick<Promised, "acks">,
): readonly ClusterProblem[] {
  const where = placeOf(node);
  if (refusal !== null) {
    return [
      {
        name: "rights",
        node: where,
        message: `The settings of ${where} cannot be read: ${refusal.message}. Give this user the rights ${RIGHTS}.`,
        refuses: true,
      },
    ];
  }
  return RULES.filter(({ always, name, isRight }) => {
    const value = settings.get(name);
    return (acks === "all" || always) && value !== undefined && !isRight(value);
  }).map(({ name, because, should }) => ({
    name,
    node: where,
    message: `${where} has ${name} set to ${JSON.stringify(settings.get(name))}: ${because}. Set it to ${should}.`,
    refuses: true,
  }));
}
