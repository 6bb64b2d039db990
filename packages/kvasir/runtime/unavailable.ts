import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

/** Members that workerd looks for. They are no methods that a caller means. */
const HANDLERS: ReadonlySet<PropertyKey> = new Set(
  ["alarm", "connect", "email", "queue", "scheduled", "tail", "tailStream", "test", "trace"].concat([
    "self",
    "then",
    "webSocketClose",
    "webSocketError",
    "webSocketMessage",
  ]),
);

/** Stands in for a Worker that does not run. `ctx.props.message` says why. */
export default class UnavailableService extends WorkerEntrypoint<{ readonly message: string }> {
  constructor(ctx: ExecutionContext, env: unknown) {
    super(ctx, env);
    // biome-ignore lint/correctness/noConstructorReturn: any name can be a method of the missing Worker
    return throwing(this, this.ctx.props.message);
  }

  override fetch(): Response {
    return new Response(this.ctx.props.message, { status: 503 });
  }
}

/** Makes a class that stands in for Durable Objects of a Worker that does not run. */
export function unavailableObject(message: string): typeof DurableObject {
  return class extends DurableObject {
    constructor(ctx: unknown, env: unknown) {
      super(ctx, env);
      // biome-ignore lint/correctness/noConstructorReturn: any name can be a method of the missing object
      return throwing(this, message);
    }

    override fetch(): Response {
      return new Response(message, { status: 503 });
    }
  };
}

function throwing<T extends object>(target: T, message: string): T {
  return new Proxy(target, {
    get(_, property) {
      if (Reflect.has(target, property)) return Reflect.get(target, property);
      if (HANDLERS.has(property)) return undefined;
      return () => {
        throw new Error(message);
      };
    },
  });
}
