export { type ApiServer, type ApiServerOptions, startApiServer } from "./api-server.js";
export type { KvasirEvent } from "./events.js";
export {
  type RunningFunctions,
  type StartFunctionsOptions,
  startFunctions,
} from "./functions/start-functions.js";
