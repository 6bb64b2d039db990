import * as v from "valibot";

const port = v.pipe(
  v.number("must be a port number"),
  v.integer("must be a port number"),
  v.minValue(0, "must be a port number from 0 to 65535"),
  v.maxValue(65_535, "must be a port number from 0 to 65535"),
);

const address = v.pipe(v.string("must be an address"), v.nonEmpty("must not be empty"));

/** `dev` in a wrangler config. */
export const devSchema = v.looseObject(
  {
    ip: v.optional(address),
    port: v.optional(port),
    inspector_port: v.optional(port),
    inspector_ip: v.optional(address),
    local_protocol: v.optional(v.picklist(["http", "https"], 'must be "http" or "https"')),
  },
  "must be an object",
);

/** Where and how `dev` listens. */
export interface DevSettings {
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly inspectorPort?: number | undefined;
  readonly inspectorHost?: string | undefined;
  readonly localProtocol?: "http" | "https" | undefined;
}

export function devSettings(raw: v.InferOutput<typeof devSchema> | undefined): DevSettings | undefined {
  if (raw === undefined) return undefined;
  const { ip, port, inspector_port, inspector_ip, local_protocol } = raw;
  return {
    ip,
    port,
    inspectorPort: inspector_port,
    inspectorHost: inspector_ip,
    localProtocol: local_protocol,
  };
}
