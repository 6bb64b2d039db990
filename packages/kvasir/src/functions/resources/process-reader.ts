/** What a process has used until now. */
export interface ProcessActivity {
  /** CPU time of its main thread, in milliseconds; of the whole process where threads cannot be told apart. */
  readonly cpuMs: number;
  /** How long each thread was ready to run but had no CPU, in milliseconds, by the thread's id. */
  readonly waitedMs: ReadonlyMap<number, number>;
  /** It cannot run at the moment: stopped by a signal or a debugger, or waiting for a disk. */
  readonly held: boolean;
}

/** Measures other processes. Everything is `undefined` where it cannot be measured, or the process is gone. */
export interface ProcessReader {
  /** Each measurement starts a program: measure seldom. */
  readonly isCostly: boolean;
  /** Memory that a process and the processes which it has started hold, in bytes. */
  memoryBytes(pid: number): Promise<number | undefined>;
  activity(pid: number): Promise<ProcessActivity | undefined>;
}
