import { createRequire } from "node:module";

type Esbuild = typeof import("esbuild");

let loaded: Esbuild | undefined;

/**
 * esbuild, loaded when it is first needed: commands such as `kvasir kv …` must not wait for it. `import()` would
 * take four times as long, because it parses a CommonJS module twice.
 */
export function esbuild(): Esbuild {
  loaded ??= createRequire(import.meta.url)("esbuild") as Esbuild;
  return loaded;
}

/** Starts esbuild's process. Call it early: the process starts while this one loads its code. */
export function startEsbuild(): void {
  // If it cannot be started, the first build says why.
  esbuild()
    .transform("")
    .catch(() => undefined);
}
