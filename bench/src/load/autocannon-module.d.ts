// Only the parts that the load generator uses. The package has no types.
declare module "autocannon" {
  interface Options {
    url: string;
    connections: number;
    /** In seconds. */
    duration: number;
    /** How often it counts and checks whether to stop, in milliseconds. */
    sampleInt: number;
    requests: { method: string; path: string; headers?: Record<string, string>; body?: string }[];
  }
  interface Result {
    duration: number;
    errors: number;
    timeouts: number;
    non2xx: number;
    "2xx": number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
