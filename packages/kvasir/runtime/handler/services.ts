import { env } from "cloudflare:workers";

/**
 * Services that our own code in a function uses, besides the user's bindings. The names match workerd's
 * config.
 */
export type ServiceName = "kvasir:telnyx" | "kvasir:values" | "kvasir:files";

const taken = new Map<ServiceName, Fetcher>();

/** Removes the services from `env`, which belongs to the user. Call it before the user's code runs. */
export function takeServices(): void {
  const all = env as Record<string, unknown>;
  for (const name of ["kvasir:telnyx", "kvasir:values", "kvasir:files"] as const) {
    const service = all[name];
    if (service === undefined) continue;
    taken.set(name, service as Fetcher);
    delete all[name];
  }
}

export function service(name: ServiceName): Fetcher {
  const found = taken.get(name);
  if (found === undefined) throw new Error(`This function was started without ${name}.`);
  return found;
}

/**
 * The user's bindings, for handlers. The `env` that workerd passes to each request still contains the
 * services.
 */
export function userEnv(): Readonly<Record<string, unknown>> {
  return env;
}
