export { KvNamespace } from "../handler/edge-runtime.ts";
export { env, installTelnyx as install } from "../handler/install.ts";
