import type { Surrounding } from "./worker-part.js";

/**
 * workerd's `cloudflare:email` takes its class from a module that the program around workerd has to supply.
 * Messages can be made. There is no binding that sends them.
 */
const MODULE = `class EmailMessage {
  constructor(from, to, raw) {
    this.from = from;
    this.to = to;
    Object.defineProperty(this, "EmailMessage::raw", { value: raw });
  }
}
export default { EmailMessage };
`;

/** Added where the code names the module: other functions do not load it. */
export const email: Surrounding = ({ modules }) =>
  modules.some(({ type, body }) => type === "esModule" && body.includes("cloudflare:email"))
    ? { internalModules: [{ name: "cloudflare-internal:email", esModule: MODULE }] }
    : {};
