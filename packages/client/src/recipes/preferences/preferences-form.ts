import { KvError } from "../../namespace/errors.js";
import type {
  StandardSchemaIssue,
  StandardSchemaResult,
  StandardSchemaV1,
} from "../../typed/standard-schema.js";
import type { JsonObject } from "./json-value.js";
import { overlay, without } from "./merge.js";

/** The shape of preferences: their defaults and their schema. */
export class PreferencesForm<Value> {
  readonly #defaults: JsonObject;
  readonly #schema: StandardSchemaV1<unknown, Value> | undefined;

  constructor(defaults: JsonObject, schema: StandardSchemaV1<unknown, Value> | undefined) {
    this.#defaults = defaults;
    this.#schema = schema;
  }

  /**
   * The defaults overlaid with these choices.
   *
   * @throws KvError `value_invalid` if the schema rejects the result
   */
  async checked(own: JsonObject): Promise<Value> {
    const { issues, ...result } = await this.#validate(own);
    if (issues === undefined) return (result as { readonly value: Value }).value;
    throw new KvError("value_invalid", `These preferences do not fit: ${issues.map(said).join("; ")}.`, {
      hint: "Pass what the schema asks for.",
    });
  }

  /** The stored choices that the schema accepts, and the resulting preferences. */
  async fitting(own: JsonObject): Promise<{ readonly own: JsonObject; readonly value: Value }> {
    const result = await this.#validate(own);
    if (result.issues === undefined) return { own, value: result.value };
    const fitting = result.issues.map(pathOf).reduce((rest, [name = ""]) => without(rest, [name]), own);
    const again = await this.#validate(fitting);
    if (again.issues === undefined) return { own: fitting, value: again.value };
    // The issue has no path, or it appeared only after invalid choices were removed.
    return { own: {}, value: await this.checked({}) };
  }

  async #validate(own: JsonObject): Promise<StandardSchemaResult<Value>> {
    // A deep copy: callers may change the value, which must not change the defaults.
    const value = structuredClone(overlay(this.#defaults, own));
    if (this.#schema === undefined) return { value: value as Value };
    return this.#schema["~standard"].validate(value);
  }
}

function pathOf({ path = [] }: StandardSchemaIssue): string[] {
  return path.map((segment) => String(typeof segment === "object" ? segment.key : segment));
}

function said(issue: StandardSchemaIssue): string {
  const path = pathOf(issue).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
