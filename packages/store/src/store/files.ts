/** Name of the data file in a data directory, and in a backup of one. */
export const DATA_FILE = "data.mdb";
/** Mode of a data directory and of a backup: only its owner has access. */
export const PRIVATE_DIRECTORY_MODE = 0o700;
/** Mode of the files in it. */
export const PRIVATE_FILE_MODE = 0o600;
