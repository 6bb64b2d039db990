export interface Hotkey {
  readonly key: string;
  readonly does: string;
  run(): void;
}

const CTRL_C = "\u0003";
const CTRL_Z = "\u001a";

/**
 * Runs an action when its key is pressed. The terminal is in raw mode meanwhile, so this also does what the
 * terminal did: Ctrl-C and Ctrl-Z. Raw mode ends with the process, however it ends.
 *
 * @returns ends it
 */
export function listenForHotkeys(input: NodeJS.ReadStream, hotkeys: readonly Hotkey[]): () => void {
  const raw = (on: boolean) => {
    if (!input.destroyed) input.setRawMode(on);
  };
  const onData = (data: Buffer) => {
    for (const key of data.toString("latin1").toLowerCase()) {
      if (key === CTRL_C) process.kill(process.pid, "SIGINT");
      else if (key === CTRL_Z) suspend();
      else hotkeys.find((hotkey) => hotkey.key === key)?.run();
    }
  };
  const suspend = () => {
    raw(false);
    process.once("SIGCONT", () => raw(true));
    process.kill(process.pid, "SIGTSTP");
  };
  const end = () => {
    input.off("data", onData);
    process.off("exit", end);
    raw(false);
    input.pause();
  };
  raw(true);
  input.on("data", onData);
  input.resume();
  // Keys are no reason to stay alive.
  input.unref();
  process.on("exit", end);
  return end;
}

/** The line that lists the keys. */
export function hotkeyLine(hotkeys: readonly Hotkey[]): string {
  return hotkeys.map(({ key, does }) => `[${key}] ${does}`).join("  ");
}
