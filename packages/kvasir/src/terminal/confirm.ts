import { createInterface } from "node:readline/promises";
import { printLine } from "./output.js";

/**
 * Asks before something that cannot be undone. Where nobody can answer (no terminal, CI) the answer is yes and
 * is printed, as wrangler does: its scripts rely on that.
 */
export async function confirm(question: string, options: { readonly json: boolean }): Promise<boolean> {
  if (!canAnswer()) {
    // There stdout holds JSON lines only.
    if (options.json) return true;
    await printLine(`? ${question}`);
    await printLine("Using fallback value in non-interactive context: yes");
    return true;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`? ${question} (Y/n) `);
    return /^\s*(y(es)?)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}

function canAnswer(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && (process.env["CI"] ?? "") === "";
}
