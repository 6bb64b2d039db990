import * as v from "valibot";

const port = v.pipe(
  v.number("must be a port number"),
  v.integer("must be a port number"),
  v.minValue(0, "must be a port number from 0 to 65535"),
  v.maxValue(65_535, "must be a port number from 0 to 65535"),
);

/** `dev` in a wrangler config. */
export const devSchema = v.looseObject(
  {
    ip: v.optional(v.pipe(v.string("must be an address"), v.nonEmpty("must not be empty"))),
    port: v.optional(port),
    inspector_port: v.optional(port),
  },
  "must be an object",
);

/** Where `dev` listens. */
export interface DevSettings {
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly inspectorPort?: number | undefined;
}

export function devSettings(raw: v.InferOutput<typeof devSchema> | undefined): DevSettings | undefined {
  return raw && { ip: raw.ip, port: raw.port, inspectorPort: raw.inspector_port };
}
