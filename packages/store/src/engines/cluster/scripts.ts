import { APPLY } from "./apply-script.js";
import { CREATE_NAMESPACE, DELETE_NAMESPACE, RENAME_NAMESPACE, TAKE_LEASE } from "./catalog-scripts.js";
import { CHECK_ENTRIES, CHECK_INDEX, MEASURE_BUCKET } from "./check-scripts.js";
import { COUNT, LIST } from "./read-scripts.js";
import type { Script } from "./script.js";
import { CLOSE, END_BUCKET, RECLAIM_BUCKET, SWEEP } from "./upkeep-scripts.js";

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
  CHECK_ENTRIES,
  CHECK_INDEX,
  MEASURE_BUCKET,
];
