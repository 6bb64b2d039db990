import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<T> {
  /** What was loaded last. It stays while it is loaded again. */
  readonly value: T | undefined;
  readonly error: unknown;
  reload(): void;
}

/** Loads something, and again when one of `inputs` changes. */
export function useLoaded<T>(load: () => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>();
  const round = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what it depends on
  const reload = useCallback(() => {
    const mine = ++round.current;
    load().then(
      (loaded) => {
        // A slower, older response must not replace a newer one.
        if (mine !== round.current) return;
        setValue(() => loaded);
        setError(undefined);
      },
      (failure: unknown) => {
        if (mine === round.current) setError(failure);
      },
    );
  }, inputs);
  useEffect(reload, [reload]);
  return { value, error, reload };
}
