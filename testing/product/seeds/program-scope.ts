import { transform } from "esbuild";
import type { Block } from "./lost-newlines.js";

/** What a block has left behind. */
export interface Outcome {
  /** Every name that this block, an earlier block or the test has declared. */
  readonly scope: Readonly<Record<string, unknown>>;
  /** What it printed, one entry per call. */
  readonly printed: readonly (readonly unknown[])[];
  /** What it threw, if anything. */
  readonly error: unknown;
}

/** Runs blocks one after the other in one scope, like a reader who types them in. */
export class ProgramScope {
  #scope: Record<string, unknown>;

  /** @param names The names that the blocks use but do not declare. `console` is recorded. */
  constructor(names: Readonly<Record<string, unknown>>) {
    this.#scope = { ...names };
  }

  async run({ code, declares }: Block): Promise<Outcome> {
    const printed: unknown[][] = [];
    const console = { log: (...values: unknown[]) => printed.push(values) };
    const names = { ...this.#scope, console };
    const { code: javascript } = await transform(code, { loader: "ts", target: "es2022" });
    const left = `return { ${declares.join(", ")} };`;
    // A function and not a module, so that names can be passed in and out, and each block has a console of
    // its own.
    const program = new AsyncFunction(...Object.keys(names), `${javascript}\n${left}`);
    let error: unknown;
    try {
      Object.assign(this.#scope, await program(...Object.values(names)));
    } catch (thrown) {
      error = thrown;
    }
    return { scope: { ...this.#scope }, printed, error };
  }
}

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<Record<string, unknown>>;
