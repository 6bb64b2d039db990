import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { paths } from "../paths.js";
import { useSession } from "../session/session.js";
import { type LiveChange, watchAll } from "./watch-all.js";

const SHOWN_MAX = 500;

/** Changes of all namespaces as they come. */
export function LiveView() {
  const session = useSession();
  const [isPaused, setPaused] = useState(false);
  const [connection, setConnection] = useState<{ readonly isOpen: boolean; readonly error?: unknown }>({
    isOpen: false,
  });
  const [, render] = useReducer((count: number, _: undefined) => count + 1, 0);
  const changes = useRef<LiveChange[]>([]);
  const paused = useRef(false);
  paused.current = isPaused;
  const { value: namespaces } = useLoaded(() => session.admin.namespaces.list(), [session]);
  const titles = useMemo(
    () => new Map(namespaces?.map(({ id, title }) => [id, title] as const)),
    [namespaces],
  );
  useEffect(() => {
    const ending = new AbortController();
    void watchAll(session, {
      signal: ending.signal,
      onOpen: (isOpen, error) => setConnection({ isOpen, error }),
      onChange: (change) => {
        if (paused.current) return;
        changes.current = [change, ...changes.current.slice(0, SHOWN_MAX - 1)];
        render(undefined);
      },
    });
    return () => ending.abort();
  }, [session]);
  return (
    <section>
      <div class="heading">
        <h1>Live</h1>
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          Pause
        </button>
      </div>
      <p role="status" class="hint">
        {isPaused
          ? "Paused. Changes meanwhile are not shown."
          : connection.isOpen
            ? "Connected. Changes appear as they are made."
            : "Connecting …"}
      </p>
      <Problem error={connection.error} />
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Change</th>
              <th scope="col">Namespace</th>
              <th scope="col">Key</th>
              <th scope="col" class="number">
                Version
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.current.map(({ number, atMs, type, namespace, key, version }) => (
              <tr key={number}>
                <td>{new Date(atMs).toLocaleTimeString()}</td>
                <td>
                  <span class={`change ${type}`}>{type}</span>
                </td>
                <td>
                  <a href={paths.keys(namespace)}>{titles.get(namespace) ?? namespace}</a>
                </td>
                <th scope="row">
                  <a href={paths.entry(namespace, key)}>{key}</a>
                </th>
                <td class="number">{version}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
