import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What Kvasir keeps in a data directory. */
const OWN_FILES = ["data.mdb", "data.mdb-lock"];
const OWN_FOLDERS = ["cache", "https"];
const OTHERS = 0o077;

/**
 * Makes a data directory and Kvasir's files in it private to this user. `notify` is called for each of them
 * that other users could open. The mode of a directory with other files in it is not changed, since other
 * users may need them.
 */
export function keepPrivate(directory: string, notify: (notice: string) => void): void {
  const uid = process.getuid?.();
  // Windows has no modes.
  if (uid === undefined) return;
  const names = namesIn(directory);
  const isOwn = names.every((name) => OWN_FILES.includes(name) || OWN_FOLDERS.includes(name));
  if (isOwn) takeFromOthers(directory, { mode: 0o700, uid, notify });
  for (const name of names) {
    const mode = OWN_FILES.includes(name) ? 0o600 : OWN_FOLDERS.includes(name) ? 0o700 : undefined;
    if (mode !== undefined) takeFromOthers(join(directory, name), { mode, uid, notify });
  }
}

function takeFromOthers(
  path: string,
  options: { readonly mode: number; readonly uid: number; notify(notice: string): void },
): void {
  const { mode, uid, notify } = options;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & OTHERS) === 0) return;
  const open = `Other users of this machine could open ${path} (mode ${octal(found.mode)})`;
  const wanted = `chmod ${octal(mode)} ${path}`;
  if (found.uid !== uid) {
    notify(`${open}. It belongs to the user ${found.uid}, who can change that with \`${wanted}\`.`);
    return;
  }
  try {
    chmodSync(path, mode);
    notify(`${open}. It is private now (mode ${octal(mode)}).`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    notify(`${open}, and \`${wanted}\` was refused (${code}).`);
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // The attempt to open the directory will report the error.
    return [];
  }
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}
