import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { PYTHON } from "../../harness/languages.js";
import { Output } from "../../harness/output.js";
import { describeWith } from "../../harness/requirements.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { ON_A_TERMINAL } from "../../harness/terminal.js";

/** What a terminal shows at the end, as far as a bar uses it: lines that are overwritten and cleared. */
function screenOf(output: string): readonly string[] {
  const lines = [""];
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they control the terminal
  for (const [part] of output.matchAll(/\x1b\[\??\d*[A-Za-z]|\x1b\d|\r|\n|[^\x1b\r\n]+/g)) {
    const line = lines[row] ?? "";
    if (part === "\n") row++;
    else if (part === "\r" || part === "\x1b[1G") column = 0;
    else if (part === "\x1b[0K" || part === "\x1b[0J") lines[row] = line.slice(0, column);
    else if (part === "\x1b[2K") lines[row] = "";
    else if (part.startsWith("\x1b")) expect(part).toMatch(/\[\?25[hl]$/);
    else {
      lines[row] = line.slice(0, column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  return lines;
}

function onTerminal(args: readonly string[], cwd: string) {
  const [command, ...before] = ON_A_TERMINAL;
  const child = spawn(command, [...before, process.execPath, BIN, ...args], {
    cwd,
    env: cleanEnvironment({ CI: "" }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  return { child, ended, screen: new Output(child.stdout, ended) };
}

describeWith(PYTHON, "a progress bar on a terminal", () => {
  test("leaves the messages and the result, each in a line of its own", async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, "x.jsonl"), 'bad\n{"key":"a","value":"1"}\nworse\n');
    const { ended, screen } = onTerminal(["import", "x.jsonl", "--create", "x", "--data", "data"], cwd);
    expect((await ended)[0]).toBe(1);
    // How far it was when it was drawn depends on the machine.
    expect(screen.text).toMatch(/\d entries, [\d,]+\/s/);
    expect(screenOf(screen.text)).toEqual([
      "line 1: It is not valid JSON.",
      "line 3: It is not valid JSON.",
      expect.stringMatching(/^Imported 1 entry \(1 byte\) in .* s; 2 were refused\.$/),
    ]);
  });

  test("goes when Ctrl-C ends the command at once", async () => {
    const { child, ended, screen } = onTerminal(["import", "-", "--create", "x"], temporaryDirectory());
    await expect.poll(() => screen.text, { timeout: 20_000 }).toContain("0 entries, 0/s");
    child.stdin.write("\u0003");
    const SIGINT = 2;
    expect((await ended)[0]).toBe(256 - SIGINT);
    expect(screen.text.endsWith("\u001b[?25h\u001b[1G\u001b[0J")).toBe(true);
  });
});
