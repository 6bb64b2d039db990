import type { ImportQuery, ImportResult, KVNamespace } from "@kvasir/client";
import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { formatCount } from "../components/format.js";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { useSession } from "../session/session.js";

type Conflict = NonNullable<ImportQuery["onConflict"]>;

interface Ends {
  onClose(): void;
  /** The keys have changed. */
  onDone(): void;
}

/** Deletes the keys that were selected. */
export function DeleteKeys({
  namespace,
  names,
  onClose,
  onDone,
}: Ends & { readonly namespace: KVNamespace; readonly names: readonly string[] }) {
  return (
    <Dialog
      title={`Delete ${formatCount(names.length)} ${names.length === 1 ? "key" : "keys"}`}
      action="Delete"
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        for (const name of names) await namespace.delete(name);
        onDone();
      }}
    >
      <ul class="names">
        {names.slice(0, 10).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {names.length > 10 && <li>and {formatCount(names.length - 10)} more</li>}
      </ul>
    </Dialog>
  );
}

/** Says first how many keys there are. */
export function DeletePrefix({
  namespace,
  prefix,
  onClose,
  onDone,
}: Ends & { readonly namespace: KVNamespace; readonly prefix: string }) {
  const all = prefix === "";
  const { value: count, error } = useLoaded(
    () => namespace.deletePrefix(prefix, { dryRun: true, all }),
    [namespace, prefix],
  );
  return (
    <Dialog
      title={all ? "Delete all keys" : `Delete prefix ${prefix}`}
      action="Delete"
      isDangerous
      isComplete={count !== undefined}
      onClose={onClose}
      onConfirm={async () => {
        await namespace.deletePrefix(prefix, { all });
        onDone();
      }}
    >
      <p>
        {count === undefined
          ? "Counting …"
          : `${formatCount(count)} ${count === 1 ? "key begins" : "keys begin"} with ${all ? "the empty prefix" : prefix}. They do not come back.`}
      </p>
      <Problem error={error} />
    </Dialog>
  );
}

/** Reads a file of `kvasir export` or `wrangler kv bulk put`. */
export function ImportEntries({ id, onClose, onDone }: Ends & { readonly id: string }) {
  const { admin } = useSession();
  const [file, setFile] = useState<File>();
  const [conflict, setConflict] = useState<Conflict>("overwrite");
  const [report, setReport] = useState<ImportResult>();
  if (report !== undefined) {
    return (
      <Dialog key="report" title="Imported" action="Confirm" onClose={onClose} onConfirm={async () => {}}>
        <p role="status">
          {formatCount(report.entries)} written, {formatCount(report.skipped)} skipped,{" "}
          {formatCount(report.expired)} expired, {formatCount(report.refused)} refused.
        </p>
        <ul class="names">
          {report.problems.slice(0, 10).map(({ line, item, message }) => (
            <li key={line ?? item}>
              {line === undefined ? `Item ${item}` : `Line ${line}`}: {message}
            </li>
          ))}
        </ul>
      </Dialog>
    );
  }
  return (
    <Dialog
      key="file"
      title="Import"
      action="Confirm"
      isComplete={file !== undefined}
      // The report is shown before the dialog closes.
      closesWhenDone={false}
      onClose={onClose}
      onConfirm={async () => {
        if (file === undefined) return;
        // A browser streams no body to a server of HTTP/1.1.
        const bytes = new Uint8Array(await file.arrayBuffer());
        setReport(await admin.transfer.import(id, bytes, { onConflict: conflict }));
        onDone();
      }}
    >
      <label>
        File
        <input
          type="file"
          accept=".jsonl,.json,.ndjson"
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
      </label>
      <label>
        Keys that exist
        <select value={conflict} onChange={(event) => setConflict(event.currentTarget.value as Conflict)}>
          <option value="overwrite">overwrite</option>
          <option value="skip">skip</option>
          <option value="fail">stop at the first</option>
        </select>
      </label>
    </Dialog>
  );
}
