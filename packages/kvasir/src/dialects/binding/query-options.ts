import { queryNameOf } from "@kvasir/client/http";
import type { KvErrorCode, OptionKind, Parsed } from "@kvasir/client/namespace";
import type { ParameterDescription } from "../../api/operation-description.js";
import { queryFlag, queryInteger, queryParam } from "../../http/query.js";

/** The kinds of options that a query carries. */
type QueryKind = Extract<OptionKind, "text" | "integer" | "flag">;
type QueryKinds = Readonly<Record<string, QueryKind>>;

const SCHEMA_TYPES = { text: "string", integer: "integer", flag: "boolean" } as const;

/** What an integer that is none is refused with. */
const INTEGER_ERRORS: Readonly<Record<string, KvErrorCode>> = {
  limit: "limit_invalid",
  cacheTtl: "cache_ttl_invalid",
  expiration: "expiration_invalid",
  expirationTtl: "expiration_invalid",
};

/** The options of an operation, from a query. */
export function queryOptions<Of extends QueryKinds>(query: string, kinds: Of): Parsed<Of> {
  const options: Record<string, unknown> = {};
  for (const name in kinds) options[name] = queryOption(query, name, kinds[name] as QueryKind);
  return options as Parsed<Of>;
}

function queryOption(query: string, option: string, kind: QueryKind): unknown {
  const name = queryNameOf(option);
  switch (kind) {
    case "text":
      return queryParam(query, name);
    case "integer":
      return queryInteger(query, name, INTEGER_ERRORS[option] ?? "bad_request");
    case "flag":
      return queryFlag(query, name);
  }
}

/** Options as the parameters of an OpenAPI operation; every option needs its sentence. */
export function describedOptions<Of extends QueryKinds>(
  kinds: Of,
  descriptions: Readonly<Record<keyof Of, string>>,
  schemas: { readonly [Option in keyof Of]?: ParameterDescription["schema"] } = {},
): ParameterDescription[] {
  return Object.keys(kinds).map((option) => ({
    name: queryNameOf(option),
    description: descriptions[option as keyof Of],
    schema: { type: SCHEMA_TYPES[kinds[option] as QueryKind], ...schemas[option as keyof Of] },
  }));
}
