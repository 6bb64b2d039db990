import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

/**
 * Colours for a stream. Unlike picocolors' default, `CI` does not enable them: a log file in CI is not a
 * terminal, and programs read the lines that `dev` and `serve` print there.
 */
export function colorsFor(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Colors {
  const wanted = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const refused = (env["NO_COLOR"] ?? "") !== "" || env["FORCE_COLOR"] === "0" || env["TERM"] === "dumb";
  return picocolors.createColors(!refused && (wanted || stream.isTTY === true));
}
