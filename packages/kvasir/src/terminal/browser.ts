import { spawn } from "node:child_process";

/** Opens a URL in the user's browser. @returns whether the system has a program for that */
export function openInBrowser(url: string): Promise<boolean> {
  const [program, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(program ?? "", [...args, url], { detached: true, stdio: "ignore" });
  child.unref();
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
  });
}

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  // `start` takes its first argument in quotes for a title. Explorer needs none.
  win32: ["explorer.exe"],
};
