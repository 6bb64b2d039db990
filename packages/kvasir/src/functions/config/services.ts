import * as v from "valibot";
import { workerName } from "./function-name.js";
import { likeThis } from "./like-this.js";

/** Another Worker, as a member of `env`. */
export interface ServiceBinding {
  readonly binding: string;
  /** The name of the Worker. It may be the Worker's own name. */
  readonly service: string;
  /** The exported class or object that responds. @default the default export */
  readonly entrypoint: string | undefined;
  /** What the entrypoint finds in `ctx.props`, as JSON. */
  readonly props: unknown;
}

const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));

const service = v.looseObject(
  {
    binding: text,
    service: text,
    /** From the time of service environments: `<service>-<environment>` is the Worker's name. */
    environment: v.optional(text),
    entrypoint: v.optional(text),
    props: v.optional(v.record(v.string(), v.unknown(), "must hold names and values")),
  },
  likeThis('{ "binding": "AUTH", "service": "auth-worker" }'),
);

export const serviceEntries = {
  services: v.optional(v.array(service, "must be a list of services")),
};

type Raw = v.InferOutput<v.ObjectSchema<typeof serviceEntries, undefined>>;

export function serviceBindings({ services = [] }: Raw): ServiceBinding[] {
  return services.map(({ binding, service: name, environment, entrypoint, props }) => ({
    binding,
    service: workerName(environment === undefined ? name : `${name}-${environment}`),
    entrypoint: entrypoint === "default" ? undefined : entrypoint,
    props,
  }));
}
