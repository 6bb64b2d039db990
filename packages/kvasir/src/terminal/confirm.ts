import { createInterface } from "node:readline/promises";
import { printLine } from "./output.js";

/**
 * Asks for confirmation before an action that cannot be undone. Without a terminal, for example in CI, the
 * answer is yes and is printed. wrangler does the same, and scripts rely on it.
 */
export async function confirm(question: string, options: { readonly json: boolean }): Promise<boolean> {
  if (!canAnswer()) {
    // With --json, stdout holds only JSON lines.
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
