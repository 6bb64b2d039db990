import type { DataUpgrade, UpgradeOptions } from "@kvasir/store";

/**
 * How this program upgrades data that an older version wrote: with a backup unless `KVASIR_UPGRADE_BACKUP=off`, and with
 * a notice of where that is.
 */
export function upgradeOptions(notify: (notice: string) => void): UpgradeOptions {
  return {
    upgradeBackup: process.env["KVASIR_UPGRADE_BACKUP"] !== "off",
    onUpgrade: (upgrade) => notify(noticeOf(upgrade)),
  };
}

function noticeOf({ directory, fromFormat, toFormat, backup }: DataUpgrade): string {
  const upgraded = `The data in ${directory} were upgraded from format ${fromFormat} to ${toFormat}`;
  if (backup === null) return `${upgraded}, without a backup.`;
  return `${upgraded}. A backup of them as they were is in ${backup}; delete it when you are sure.`;
}
