import { env } from "cloudflare:workers";

/** What our own code in a function reaches besides the user's bindings. The names are those in workerd's config. */
export type ServiceName = "kvasir:telnyx" | "kvasir:values" | "kvasir:files";

const taken = new Map<ServiceName, Fetcher>();

/** Takes the services out of `env`, which is the user's. Call it before the user's code runs. */
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

/** The bindings of the user, for handlers: workerd hands each request the whole of `env` again. */
export function userEnv(): Readonly<Record<string, unknown>> {
  return env;
}
