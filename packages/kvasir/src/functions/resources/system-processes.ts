import { LinuxProcesses } from "./linux-processes.js";
import type { ProcessReader } from "./process-reader.js";
import { PsProcesses } from "./ps-processes.js";

/** `/proc` on Linux, `ps` on other systems. On Windows nothing is measured, because it has neither. */
export const systemProcesses: ProcessReader =
  process.platform === "linux" ? new LinuxProcesses() : new PsProcesses();
