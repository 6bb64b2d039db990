import { availableParallelism, cpus, release, totalmem, type } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly os: string;
}

/** The machine of the measurement. Ratios can be compared between machines, rates cannot. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    os: `${type()} ${release()}`,
  };
}

export function renderMachine(machine: Machine): string {
  const { cpu, cores, memoryGb, node, os } = machine;
  return `${cpu}, ${cores} cores, ${memoryGb} GB · Node ${node} · ${os}`;
}
