import type { NamespaceInfo } from "@kvasir/client";
import { useState } from "preact/hooks";
import { formatBytes, formatCount } from "../components/format.js";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { paths } from "../paths.js";
import { useSession } from "../session/session.js";
import { usageOf } from "../usage/usage.js";
import { CreateNamespace, DeleteNamespace, RenameNamespace } from "./namespace-dialogs.js";

type Open =
  | { readonly kind: "create" }
  | { readonly kind: "rename" | "delete"; readonly namespace: NamespaceInfo };

/** All namespaces, and what they hold. */
export function NamespacesView() {
  const session = useSession();
  const { value: namespaces, error, reload } = useLoaded(() => session.admin.namespaces.list(), [session]);
  const { value: usage } = useLoaded(() => usageOf(session), [session, namespaces]);
  const [open, setOpen] = useState<Open>();
  const mayManage = session.can("admin") && !session.isBound;
  const close = () => setOpen(undefined);
  return (
    <section>
      <div class="heading">
        <h1>Namespaces</h1>
        {mayManage && (
          <button type="button" class="main" onClick={() => setOpen({ kind: "create" })}>
            New namespace
          </button>
        )}
      </div>
      <Problem error={error} />
      {namespaces?.length === 0 && (
        <p class="empty">
          There are no namespaces yet. <code>kvasir dev</code> makes those of its config, and
          <code> kvasir kv namespace create TITLE</code> makes others.
        </p>
      )}
      {namespaces !== undefined && namespaces.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Title</th>
                <th scope="col">Id</th>
                <th scope="col" class="number">
                  Keys
                </th>
                <th scope="col" class="number">
                  Size
                </th>
                {mayManage && (
                  <th scope="col">
                    <span class="unseen">Actions</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {namespaces.map((namespace) => {
                const { id, title } = namespace;
                const figures = usage?.get(id);
                return (
                  <tr key={id}>
                    <th scope="row">
                      <a href={paths.keys(id)}>{title}</a>
                    </th>
                    <td>
                      <code>{id}</code>
                    </td>
                    <td class="number">{figures === undefined ? "" : formatCount(figures.keys)}</td>
                    <td class="number">{figures === undefined ? "" : formatBytes(figures.bytes)}</td>
                    {mayManage && (
                      <td class="actions">
                        <button
                          type="button"
                          class="quiet"
                          aria-label={`Rename ${title}`}
                          onClick={() => setOpen({ kind: "rename", namespace })}
                        >
                          Rename
                        </button>
                        <button
                          type="button"
                          class="quiet"
                          aria-label={`Delete ${title}`}
                          onClick={() => setOpen({ kind: "delete", namespace })}
                        >
                          Delete
                        </button>
                      </td>
                    )}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {open?.kind === "create" && <CreateNamespace onClose={close} onDone={reload} />}
      {open?.kind === "rename" && (
        <RenameNamespace namespace={open.namespace} onClose={close} onDone={reload} />
      )}
      {open?.kind === "delete" && (
        <DeleteNamespace namespace={open.namespace} onClose={close} onDone={reload} />
      )}
    </section>
  );
}
