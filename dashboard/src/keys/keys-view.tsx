import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { formatCount } from "../components/format.js";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { paths } from "../paths.js";
import { useSession } from "../session/session.js";
import { exportEntries } from "./export-entries.js";
import { foldersBelow } from "./folders.js";
import { DeleteKeys, DeletePrefix, ImportEntries } from "./key-dialogs.js";
import { KeyGrid } from "./key-grid.js";
import { KeyRows, ROWS_MAX } from "./key-rows.js";

/** The keys of a namespace. */
export function KeysView({ id }: { readonly id: string }) {
  const session = useSession();
  const { query, route } = useLocation();
  const prefix = query["prefix"] ?? "";
  const [typed, setTyped] = useState(prefix);
  const [reverse, setReverse] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<"delete prefix" | "delete" | "import">();
  const [, changed] = useReducer((count: number, _: undefined) => count + 1, 0);
  const [version, reload] = useReducer((count: number, _: undefined) => count + 1, 0);
  const [error, setError] = useState<unknown>();
  const namespace = useMemo(() => session.namespace(id), [session, id]);
  const { value: title } = useLoaded(
    async () => (await session.admin.namespaces.list()).find((one) => one.id === id)?.title,
    [session, id],
  );
  const { value: folders } = useLoaded(() => foldersBelow(namespace, prefix), [namespace, prefix, version]);
  const keys = useMemo(
    () => new KeyRows(namespace, { prefix, reverse }, () => changed(undefined)),
    [namespace, prefix, reverse, version],
  );
  useEffect(() => {
    void keys.reach(0);
    return () => keys.stop();
  }, [keys]);
  useEffect(() => {
    setTyped(prefix);
    setSelected(new Set());
  }, [prefix]);

  const mayWrite = session.can("write");
  const done = () => {
    setSelected(new Set());
    reload(undefined);
  };
  const close = () => setOpen(undefined);
  const download = async () => {
    setError(undefined);
    try {
      await exportEntries(session, { id, title: title ?? id, prefix });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <section class="fill">
      <div class="heading">
        <h1>
          <a href={paths.namespaces}>Namespaces</a> / {title ?? <code>{id}</code>}
        </h1>
        {mayWrite && (
          <button type="button" class="main" onClick={() => route(paths.newEntry(id))}>
            New key
          </button>
        )}
      </div>
      <div class="toolbar">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            route(paths.keys(id, typed));
          }}
        >
          <label>
            Prefix
            <input
              value={typed}
              autocomplete="off"
              spellcheck={false}
              placeholder="user:"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        </form>
        <button type="button" aria-pressed={reverse} onClick={() => setReverse(!reverse)}>
          {reverse ? "Z to A" : "A to Z"}
        </button>
        <button type="button" onClick={() => reload(undefined)}>
          Reload
        </button>
        <span class="space" />
        {mayWrite && selected.size > 0 && (
          <button type="button" class="danger" onClick={() => setOpen("delete")}>
            Delete selected ({selected.size})
          </button>
        )}
        {mayWrite && (
          <button type="button" onClick={() => setOpen("delete prefix")}>
            Delete prefix
          </button>
        )}
        {mayWrite && (
          <button type="button" onClick={() => setOpen("import")}>
            Import
          </button>
        )}
        <button type="button" onClick={download}>
          Export
        </button>
      </div>
      {(prefix !== "" || (folders !== undefined && folders.length > 0)) && (
        <nav class="folders" aria-label="Folders">
          {prefix !== "" && <a href={paths.keys(id, parentOf(prefix))}>Up</a>}
          {folders?.map((folder) => (
            <a key={folder} href={paths.keys(id, folder)}>
              {folder.slice(prefix.length)}
            </a>
          ))}
        </nav>
      )}
      <Problem error={error ?? keys.error} />
      {keys.error !== undefined && (
        <button type="button" onClick={() => keys.retry()}>
          Try again
        </button>
      )}
      <KeyGrid namespace={id} keys={keys} selected={selected} mayWrite={mayWrite} onSelect={setSelected} />
      <p role="status" class="hint">
        {countOf(keys, prefix)}
      </p>
      {open === "delete" && (
        <DeleteKeys namespace={namespace} names={[...selected]} onClose={close} onDone={done} />
      )}
      {open === "delete prefix" && (
        <DeletePrefix namespace={namespace} prefix={prefix} onClose={close} onDone={done} />
      )}
      {open === "import" && <ImportEntries id={id} onClose={close} onDone={done} />}
    </section>
  );
}

function countOf({ rows, isComplete }: KeyRows, prefix: string): string {
  if (rows.length === 0) {
    if (!isComplete) return "Loading …";
    return prefix === "" ? "There are no keys yet." : "No key begins with this prefix.";
  }
  if (isComplete) return `${formatCount(rows.length)} keys`;
  if (rows.length >= ROWS_MAX) return `The first ${formatCount(rows.length)} keys. A prefix shows others.`;
  return `The first ${formatCount(rows.length)} keys, more as you scroll`;
}

/** The folder that a prefix is in. */
function parentOf(prefix: string): string {
  return /^(.*[:/])[^:/]+[:/]?$/s.exec(prefix)?.[1] ?? "";
}
