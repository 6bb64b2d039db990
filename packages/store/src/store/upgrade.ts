/** An upgrade of data that an older version wrote, made when they were opened. */
export interface DataUpgrade {
  /** The data directory. */
  readonly directory: string;
  readonly fromFormat: number;
  readonly toFormat: number;
  /** The path of the backup that was made before; `null` if none was wanted. */
  readonly backup: string | null;
}

export interface UpgradeOptions {
  /**
   * Whether a backup of the data is made before they are upgraded to a newer format, beside their directory or in it.
   * @default true
   */
  readonly upgradeBackup?: boolean | undefined;
  /** Called when the data were upgraded. @default not called */
  readonly onUpgrade?: ((upgrade: DataUpgrade) => void) | undefined;
}
