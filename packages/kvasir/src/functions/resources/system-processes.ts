import { LinuxProcesses } from "./linux-processes.js";
import type { ProcessReader } from "./process-reader.js";
import { PsProcesses } from "./ps-processes.js";

/** `/proc` on Linux, `ps` on other systems; Windows has neither, and nothing is measured there. */
export const systemProcesses: ProcessReader =
  process.platform === "linux" ? new LinuxProcesses() : new PsProcesses();
