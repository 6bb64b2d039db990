import { openInBrowser } from "../terminal/browser.js";
import { colorsFor } from "../terminal/colors.js";
import { type Hotkey, hotkeyLine, listenForHotkeys } from "../terminal/hotkeys.js";
import { noteLine, printLine, writeOut } from "../terminal/output.js";

export interface DevAddresses {
  readonly functions?: string | undefined;
  readonly api: string;
  /** Set if the inspector is on. */
  readonly devtools?: string | undefined;
}

/** wrangler's hotkeys, in a terminal. */
export function startHotkeys({ functions, api, devtools }: DevAddresses): void {
  const hotkeys: Hotkey[] = [
    ...opening("b", "open a browser", functions),
    ...opening("d", "open DevTools", devtools),
    ...opening("e", "open the dashboard", `${api}/dashboard`),
    { key: "c", does: "clear the screen", run: () => void writeOut(CLEAR).then(list) },
    { key: "x", does: "exit", run: () => void process.kill(process.pid, "SIGINT") },
  ];
  const list = () => printLine(colorsFor(process.stdout).dim(hotkeyLine(hotkeys)));
  listenForHotkeys(process.stdin, hotkeys);
  void list();
}

/** Whether keys can be pressed here. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && (process.env["CI"] ?? "") === "";
}

/** Clears the screen and what was scrolled out of it. */
const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

function opening(key: string, does: string, url: string | undefined): Hotkey[] {
  if (url === undefined) return [];
  const run = async () => {
    if (!(await openInBrowser(url))) await noteLine(`No browser could be opened. The address is ${url}`);
  };
  return [{ key, does, run: () => void run() }];
}
