import { useMemo } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { paths } from "../paths.js";
import { useSession } from "../session/session.js";
import { EntryForm } from "./entry-form.js";
import { readEntry } from "./stored-entry.js";

/** One entry: its value, its metadata, when it expires. */
export function EntryView({ id, name }: { readonly id: string; readonly name: string }) {
  const session = useSession();
  const namespace = useMemo(() => session.namespace(id), [session, id]);
  const {
    value: entry,
    error,
    loads,
    reload,
  } = useLoaded(() => readEntry(namespace, name), [namespace, name]);
  return (
    <section>
      <Heading id={id} title={name} />
      <Problem error={error} />
      {entry === null && <p role="alert">There is no such key. It was deleted, or it has expired.</p>}
      {entry && (
        <EntryForm
          // A reload begins again with what is stored.
          key={`${name} ${loads}`}
          id={id}
          namespace={namespace}
          name={name}
          entry={entry}
          onReload={reload}
        />
      )}
    </section>
  );
}

/** An entry that does not exist yet. */
export function NewEntryView({ id }: { readonly id: string }) {
  const session = useSession();
  const { route } = useLocation();
  const namespace = useMemo(() => session.namespace(id), [session, id]);
  return (
    <section>
      <Heading id={id} title="New key" />
      <EntryForm
        id={id}
        namespace={namespace}
        name={undefined}
        entry={undefined}
        onReload={() => route(paths.keys(id))}
      />
    </section>
  );
}

function Heading({ id, title }: { readonly id: string; readonly title: string }) {
  return (
    <div class="heading">
      <h1>
        <a href={paths.namespaces}>Namespaces</a> / <a href={paths.keys(id)}>Keys</a> / {title}
      </h1>
    </div>
  );
}
