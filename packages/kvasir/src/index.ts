export type { KvasirEvent } from "./events/events.js";
export type { RunningFunctions, StartFunctionsOptions } from "./functions/host/running-functions.js";
export { startFunctions } from "./functions/host/start-functions.js";
export {
  type GetPlatformProxyOptions,
  getPlatformProxy,
  type PlatformProxy,
} from "./platform/platform-proxy.js";
export { type ApiServer, type ApiServerOptions, startApiServer } from "./server/api-server.js";
