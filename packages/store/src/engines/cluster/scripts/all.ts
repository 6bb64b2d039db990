import { APPLY } from "./apply.js";
import { CREATE_NAMESPACE, DELETE_NAMESPACE, RENAME_NAMESPACE, TAKE_LEASE } from "./catalog.js";
import { COUNT, LIST } from "./reads.js";
import type { Script } from "./script.js";
import { CLOSE, END_BUCKET, RECLAIM_BUCKET, SWEEP } from "./upkeep.js";

/** Every script that a node must know before it is sent a command. */
export const SCRIPTS: readonly Script[] = [
  APPLY,
  LIST,
  COUNT,
  SWEEP,
  END_BUCKET,
  RECLAIM_BUCKET,
  CLOSE,
  CREATE_NAMESPACE,
  RENAME_NAMESPACE,
  DELETE_NAMESPACE,
  TAKE_LEASE,
];
