import type { NamespaceInfo } from "@kvasir/client";
import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { useSession } from "../session/session.js";

interface Ends {
  onClose(): void;
  /** The namespaces have changed. */
  onDone(): void;
}

export function CreateNamespace({ onClose, onDone }: Ends) {
  const { admin } = useSession();
  const [title, setTitle] = useState("");
  return (
    <Dialog
      title="New namespace"
      action="Create"
      isComplete={title !== ""}
      onClose={onClose}
      onConfirm={async () => {
        await admin.namespaces.create(title);
        onDone();
      }}
    >
      <TitleField value={title} onInput={setTitle} />
    </Dialog>
  );
}

export function RenameNamespace({
  namespace,
  onClose,
  onDone,
}: Ends & { readonly namespace: NamespaceInfo }) {
  const { admin } = useSession();
  const [title, setTitle] = useState(namespace.title);
  return (
    <Dialog
      title={`Rename ${namespace.title}`}
      action="Confirm"
      isComplete={title !== ""}
      onClose={onClose}
      onConfirm={async () => {
        await admin.namespaces.rename(namespace.id, title);
        onDone();
      }}
    >
      <TitleField value={title} onInput={setTitle} />
    </Dialog>
  );
}

/** Its title is typed first: the keys do not come back. */
export function DeleteNamespace({
  namespace,
  onClose,
  onDone,
}: Ends & { readonly namespace: NamespaceInfo }) {
  const { admin } = useSession();
  const [typed, setTyped] = useState("");
  return (
    <Dialog
      title={`Delete ${namespace.title}`}
      action="Delete"
      isDangerous
      isComplete={typed === namespace.title}
      onClose={onClose}
      onConfirm={async () => {
        await admin.namespaces.delete(namespace.id);
        onDone();
      }}
    >
      <p>
        All keys of <strong>{namespace.title}</strong> are deleted. Type its title to go on.
      </p>
      <TitleField value={typed} onInput={setTyped} />
    </Dialog>
  );
}

function TitleField({ value, onInput }: { readonly value: string; onInput(value: string): void }) {
  return (
    <label>
      Title
      <input
        value={value}
        autocomplete="off"
        spellcheck={false}
        autofocus
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
