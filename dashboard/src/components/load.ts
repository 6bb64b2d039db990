import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<T> {
  /** What was loaded last. It stays while it is loaded again. */
  readonly value: T | undefined;
  readonly error: unknown;
  /** How often it was loaded. */
  readonly loads: number;
  reload(): void;
}

/** Loads something, and again when one of `inputs` changes. */
export function useLoaded<T>(load: () => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [{ value, loads }, setLoaded] = useState<{ readonly value?: T; readonly loads: number }>({
    loads: 0,
  });
  const [error, setError] = useState<unknown>();
  const round = useRef(0);
  const reload = useCallback(() => {
    const mine = ++round.current;
    load().then(
      (loaded) => {
        // A slower, older response must not replace a newer one.
        if (mine !== round.current) return;
        setLoaded((last) => ({ value: loaded, loads: last.loads + 1 }));
        setError(undefined);
      },
      (failure: unknown) => {
        if (mine === round.current) setError(failure);
      },
    );
  }, inputs);
  useEffect(reload, [reload]);
  return { value, error, loads, reload };
}
