import { transform } from "esbuild";
import type { Block } from "./lost-newlines.js";

/** What a block left behind. */
export interface Outcome {
  /** Every name that it, a block before it or the test made known. */
  readonly scope: Readonly<Record<string, unknown>>;
  /** What it printed, a call a line. */
  readonly printed: readonly (readonly unknown[])[];
  /** What it threw, if it did. */
  readonly error: unknown;
}

/** Runs blocks one after the other in one scope, as a reader would who types them in. */
export class ProgramScope {
  #scope: Record<string, unknown>;

  /** @param names what the blocks use and do not declare; `console` is recorded. */
  constructor(names: Readonly<Record<string, unknown>>) {
    this.#scope = { ...names };
  }

  async run({ code, declares }: Block): Promise<Outcome> {
    const printed: unknown[][] = [];
    const console = { log: (...values: unknown[]) => printed.push(values) };
    const names = { ...this.#scope, console };
    const { code: javascript } = await transform(code, { loader: "ts", target: "es2022" });
    const left = `return { ${declares.join(", ")} };`;
    // A function rather than a module: names come in and go out, and there is one console for each block.
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
