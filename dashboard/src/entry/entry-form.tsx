import type { KVNamespace, KVNamespacePutOptions, KvCondition } from "@kvasir/client";
import { useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Dialog } from "../components/dialog.js";
import { formatBytes } from "../components/format.js";
import { textOf as errorText } from "../components/problem.js";
import { save } from "../components/save.js";
import { paths } from "../paths.js";
import { useSession } from "../session/session.js";
import { expiresText, parseExpires } from "./expires.js";
import { parseMetadata } from "./metadata-field.js";
import type { StoredEntry } from "./stored-entry.js";
import { ValueField } from "./value-field.js";
import { EDITED_BYTES_MAX, formOf, textOf } from "./value-form.js";

export interface EntryFormProps {
  readonly id: string;
  readonly namespace: KVNamespace;
  /** Absent for an entry that does not exist yet. */
  readonly name: string | undefined;
  readonly entry: StoredEntry | undefined;
  /** Reads the entry again and drops what was typed. */
  onReload(): void;
}

type Outcome =
  | { readonly kind: "saved"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string }
  /** Somebody else has written meanwhile. */
  | { readonly kind: "changed" };

/** Shows an entry and writes it, if nobody else has written it meanwhile. */
export function EntryForm({ id, namespace, name, entry, onReload }: EntryFormProps) {
  const session = useSession();
  const { route } = useLocation();
  const [key, setKey] = useState(name ?? "");
  const [bytes, setBytes] = useState<Uint8Array<ArrayBuffer>>(entry?.bytes ?? new Uint8Array());
  const [text, setText] = useState(() => editedText(bytes));
  const [metadata, setMetadata] = useState(() =>
    entry?.metadata === undefined ? "" : JSON.stringify(entry.metadata),
  );
  const [expires, setExpires] = useState(() => expiresText(entry?.expiration));
  const [version, setVersion] = useState(entry?.version);
  const [outcome, setOutcome] = useState<Outcome>();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const metadataId = useId();
  const expiresId = useId();
  const mayWrite = session.can("write");
  const metadataProblem = problemOf(() => parseMetadata(metadata));
  const expiresProblem = problemOf(() => parseExpires(expires, Date.now()));

  const write = async (isForced: boolean) => {
    if (metadataProblem !== undefined || expiresProblem !== undefined) return;
    setBusy(true);
    setOutcome(undefined);
    try {
      const value = text === undefined ? bytes : new TextEncoder().encode(text);
      const options: KVNamespacePutOptions = {
        metadata: parseMetadata(metadata),
        ...parseExpires(expires, Date.now()),
      };
      const condition = isForced ? undefined : conditionOf(version);
      const stored = await put(namespace, key, value, options, condition);
      if (!stored.ok) {
        setOutcome({ kind: "changed" });
      } else if (name === undefined) {
        route(paths.entry(id, key));
      } else {
        setBytes(value);
        setVersion(stored.version);
        setOutcome({ kind: "saved", text: `Saved ${formatBytes(value.length)}.` });
      }
    } catch (error) {
      setOutcome({ kind: "failed", text: errorText(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      class="entry"
      onSubmit={(event) => {
        event.preventDefault();
        void write(false);
      }}
    >
      <label>
        Key
        <input
          value={key}
          readOnly={name !== undefined}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <ValueField
        bytes={bytes}
        text={text}
        initialForm={entry === undefined ? "text" : formOf(entry.bytes)}
        isReadOnly={!mayWrite}
        onText={setText}
        onBytes={(read) => {
          setBytes(read);
          setText(editedText(read));
        }}
      />
      <label>
        Metadata
        <input
          value={metadata}
          readOnly={!mayWrite}
          autocomplete="off"
          spellcheck={false}
          placeholder='JSON, such as {"by":"ada"}'
          aria-describedby={metadataId}
          aria-invalid={metadataProblem !== undefined}
          onInput={(event) => setMetadata(event.currentTarget.value)}
        />
      </label>
      <p id={metadataId} class="problem">
        {metadataProblem}
      </p>
      <label>
        Expires
        <input
          value={expires}
          readOnly={!mayWrite}
          autocomplete="off"
          spellcheck={false}
          placeholder="never; seconds from now, or a date"
          aria-describedby={expiresId}
          aria-invalid={expiresProblem !== undefined}
          onInput={(event) => setExpires(event.currentTarget.value)}
        />
      </label>
      <p id={expiresId} class="problem">
        {expiresProblem}
      </p>
      <div class="buttons">
        {mayWrite && (
          <button
            type="submit"
            class="main"
            disabled={isBusy || key === "" || metadataProblem !== undefined || expiresProblem !== undefined}
          >
            Save
          </button>
        )}
        {name !== undefined && (
          <button type="button" onClick={() => save(new Blob([bytes]), name)}>
            Download
          </button>
        )}
        {mayWrite && name !== undefined && (
          <button type="button" class="danger" onClick={() => setAsking(true)}>
            Delete
          </button>
        )}
      </div>
      <p role="status">
        {outcome?.kind === "saved" && outcome.text}
        {version !== undefined && <span class="hint"> Version {version}</span>}
      </p>
      {outcome?.kind === "failed" && <p role="alert">{outcome.text}</p>}
      {outcome?.kind === "changed" && (
        <div role="alert">
          <p>
            {name === undefined
              ? "This key has changed: somebody has created it. Reload shows the keys, Overwrite replaces the value."
              : "This key was changed by somebody else. Reload shows what is stored now, Overwrite replaces it."}
          </p>
          <div class="buttons">
            <button type="button" onClick={onReload}>
              Reload
            </button>
            <button type="button" class="danger" onClick={() => write(true)}>
              Overwrite
            </button>
          </div>
        </div>
      )}
      {isAsking && (
        <Dialog
          title={`Delete ${key}`}
          action="Delete"
          isDangerous
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await namespace.delete(key);
            route(paths.keys(id));
          }}
        >
          <p>The value does not come back.</p>
        </Dialog>
      )}
    </form>
  );
}

function conditionOf(version: number | undefined): KvCondition {
  return version === undefined ? { ifAbsent: true } : { ifVersion: version };
}

async function put(
  namespace: KVNamespace,
  key: string,
  value: Uint8Array<ArrayBuffer>,
  options: KVNamespacePutOptions,
  condition: KvCondition | undefined,
): Promise<{ readonly ok: boolean; readonly version: number | undefined }> {
  if (condition !== undefined) {
    const { ok, version } = await namespace.put(key, value, { ...options, ...condition });
    return { ok, version: version ?? undefined };
  }
  // Its version is needed for the next change.
  const { ok, version } = await namespace.atomic().put(key, value, options).commit();
  return { ok, version: version ?? undefined };
}

/** `undefined` if the value is edited as a whole file only. */
function editedText(bytes: Uint8Array): string | undefined {
  return bytes.length > EDITED_BYTES_MAX ? undefined : textOf(bytes);
}

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
