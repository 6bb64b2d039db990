import type { Scenario } from "../core/scenario.js";
import { backup } from "./backup.js";
import { cluster } from "./cluster.js";
import { clusterGrowth } from "./cluster-growth.js";
import { clusterNodes } from "./cluster-nodes.js";
import { dev } from "./dev.js";
import { embeddedBulk } from "./embedded-bulk.js";
import { embeddedGet } from "./embedded-get.js";
import { embeddedIncrement } from "./embedded-increment.js";
import { embeddedList } from "./embedded-list.js";
import { embeddedPut } from "./embedded-put.js";
import { growth } from "./growth.js";
import { httpGet } from "./http-get.js";
import { httpLatency } from "./http-latency.js";
import { httpList } from "./http-list.js";
import { httpPut } from "./http-put.js";
import { largeValues } from "./large-values.js";
import { memory } from "./memory.js";
import { namespaces } from "./namespaces.js";
import { openMemory } from "./open-memory.js";
import { pythonGoClients } from "./python-go-clients.js";
import { pythonGoFunctions } from "./python-go-functions.js";
import { recipes } from "./recipes.js";
import { sweep } from "./sweep.js";
import { transfer } from "./transfer.js";
import { watchers } from "./watchers.js";
import { workerCache } from "./worker-cache.js";
import { workerGet } from "./worker-get.js";
import { workerPut } from "./worker-put.js";

/** In the order in which they run: from the store outwards, then the longest ones. */
export const scenarios: readonly Scenario[] = [
  embeddedGet,
  embeddedPut,
  embeddedList,
  embeddedBulk,
  embeddedIncrement,
  openMemory,
  namespaces,
  watchers,
  httpGet,
  httpPut,
  httpList,
  httpLatency,
  workerGet,
  workerPut,
  workerCache,
  pythonGoFunctions,
  pythonGoClients,
  dev,
  recipes,
  cluster,
  clusterNodes,
  clusterGrowth,
  sweep,
  transfer,
  backup,
  largeValues,
  growth,
  memory,
];
