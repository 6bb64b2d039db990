// What both checks of imports read of a source file.

/**
 * The modules that a file imports or exports from, types included: `what` is the text between the keyword and `from`,
 * `undefined` for `import("…")`.
 */
export function importStatements(text) {
  const statements = text.matchAll(
    /^(?:import|export)\b([^"'`;]*?)from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gms,
  );
  return [...statements].map(([, what, fixed, lazy]) => ({ what, specifier: fixed ?? lazy }));
}
