import type { Scenario } from "../scenario.js";
import { dev } from "./dev.js";
import { embeddedGet } from "./embedded-get.js";
import { embeddedPut } from "./embedded-put.js";
import { growth } from "./growth.js";
import { httpGet } from "./http-get.js";
import { httpPut } from "./http-put.js";
import { memory } from "./memory.js";
import { sweep } from "./sweep.js";
import { workerGet } from "./worker-get.js";

/** In the order in which they run: from the store outwards, then what takes longest. */
export const scenarios: readonly Scenario[] = [
  embeddedGet,
  embeddedPut,
  httpGet,
  httpPut,
  workerGet,
  dev,
  sweep,
  growth,
  memory,
];
