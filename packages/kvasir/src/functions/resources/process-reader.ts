/** The resources that a process has used so far. */
export interface ProcessActivity {
  /**
   * CPU time of the main thread in milliseconds, or of the whole process if threads cannot be distinguished.
   */
  readonly cpuMs: number;
  /** How long each thread was ready to run but got no CPU, in milliseconds, by thread id. */
  readonly waitedMs: ReadonlyMap<number, number>;
  /** Whether the process cannot run now: stopped by a signal or a debugger, or waiting for a disk. */
  readonly held: boolean;
}

/** Measures other processes. Results are `undefined` if the process has ended or cannot be measured. */
export interface ProcessReader {
  /** Whether each measurement starts a program, so that measurements should be rare. */
  readonly isCostly: boolean;
  /** Memory of a process and its children, in bytes. */
  memoryBytes(pid: number): Promise<number | undefined>;
  activity(pid: number): Promise<ProcessActivity | undefined>;
}
