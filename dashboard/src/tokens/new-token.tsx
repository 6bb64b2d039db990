import type { CreatedToken, NamespaceInfo, TokenScope } from "@kvasir/client";
import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { useSession } from "../session/session.js";

export interface NewTokenProps {
  readonly namespaces: readonly NamespaceInfo[];
  onClose(): void;
  onCreated(token: CreatedToken): void;
}

const DAY_MS = 86_400_000;

export function NewToken({ namespaces, onClose, onCreated }: NewTokenProps) {
  const { admin } = useSession();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("read");
  const [days, setDays] = useState("");
  const [bound, setBound] = useState<readonly string[]>([]);
  return (
    <Dialog
      title="New token"
      action="Create"
      onClose={onClose}
      onConfirm={async () => {
        const created = await admin.tokens.create({
          scope,
          ...(name === "" ? {} : { name }),
          ...(bound.length === 0 ? {} : { namespaces: bound }),
          ...(days === "" ? {} : { expiresMs: Date.now() + Number(days) * DAY_MS }),
        });
        onCreated(created);
      }}
    >
      <label>
        Name
        <input
          value={name}
          autocomplete="off"
          autofocus
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        Scope
        <select value={scope} onChange={(event) => setScope(event.currentTarget.value as TokenScope)}>
          <option value="read">read: read and list</option>
          <option value="write">write: also change keys</option>
          <option value="admin">admin: also namespaces and tokens</option>
        </select>
      </label>
      <label>
        Expires in days
        <input
          type="number"
          min={1}
          value={days}
          placeholder="never"
          onInput={(event) => setDays(event.currentTarget.value)}
        />
      </label>
      {namespaces.length > 0 && (
        <fieldset>
          <legend>Only these namespaces</legend>
          {namespaces.map(({ id, title }) => (
            <label key={id} class="choice">
              <input
                type="checkbox"
                checked={bound.includes(id)}
                onChange={() =>
                  setBound(bound.includes(id) ? bound.filter((one) => one !== id) : [...bound, id])
                }
              />
              {title}
            </label>
          ))}
        </fieldset>
      )}
    </Dialog>
  );
}
