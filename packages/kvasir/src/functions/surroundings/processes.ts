import { PROCESS_BINDING } from "../../wire/functions-wire.js";
import type { Surrounding } from "./worker-part.js";

/** The process behind the Worker of a Python or Go function. */
export const processes: Surrounding = ({ name, processAddress: address }) => {
  if (address === undefined) return {};
  const service = `process:${name}`;
  return {
    bindings: [{ name: PROCESS_BINDING, service: { name: service } }],
    services: [{ name: service, external: { address, http: {} } }],
  };
};
