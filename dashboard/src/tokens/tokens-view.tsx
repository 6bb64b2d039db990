import type { CreatedToken, TokenRecord } from "@kvasir/client";
import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { useSession } from "../session/session.js";
import { NewToken } from "./new-token.js";

/** The API's tokens. */
export function TokensView() {
  const { admin } = useSession();
  const { value: tokens, error, reload } = useLoaded(() => admin.tokens.list(), [admin]);
  const { value: namespaces = [] } = useLoaded(() => admin.namespaces.list(), [admin]);
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<CreatedToken>();
  const [revoked, setRevoked] = useState<TokenRecord>();
  const titles = new Map(namespaces.map(({ id, title }) => [id, title]));
  return (
    <section>
      <div class="heading">
        <h1>Tokens</h1>
        <button type="button" class="main" onClick={() => setCreating(true)}>
          New token
        </button>
      </div>
      <Problem error={error} />
      {created !== undefined && (
        <div role="status" class="created">
          <p>The token is shown this one time. Store it now:</p>
          <code>{created.token}</code>
        </div>
      )}
      {tokens?.length === 0 && <p class="empty">There are no tokens yet.</p>}
      {tokens !== undefined && tokens.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Scope</th>
                <th scope="col">Namespaces</th>
                <th scope="col">Created</th>
                <th scope="col">Expires</th>
                <th scope="col">
                  <span class="unseen">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.id}>
                  <th scope="row">{token.name ?? token.id}</th>
                  <td>{token.scope}</td>
                  <td>{token.namespaces?.map((id) => titles.get(id) ?? id).join(", ") ?? "all"}</td>
                  <td>{dateOf(token.createdMs)}</td>
                  <td>{token.expiresMs === undefined ? "never" : dateOf(token.expiresMs)}</td>
                  <td class="actions">
                    <button
                      type="button"
                      class="quiet"
                      aria-label={`Revoke ${token.name ?? token.id}`}
                      onClick={() => setRevoked(token)}
                    >
                      Revoke
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isCreating && (
        <NewToken
          namespaces={namespaces}
          onClose={() => setCreating(false)}
          onCreated={(token) => {
            setCreated(token);
            reload();
          }}
        />
      )}
      {revoked !== undefined && (
        <Dialog
          title={`Revoke ${revoked.name ?? revoked.id}`}
          action="Confirm"
          isDangerous
          onClose={() => setRevoked(undefined)}
          onConfirm={async () => {
            await admin.tokens.revoke(revoked.id);
            reload();
          }}
        >
          <p>Clients with this token are refused at once.</p>
        </Dialog>
      )}
    </section>
  );
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
