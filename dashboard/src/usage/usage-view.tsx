import { formatBytes, formatCount } from "../components/format.js";
import { useLoaded } from "../components/load.js";
import { Problem } from "../components/problem.js";
import { paths } from "../paths.js";
import { useSession } from "../session/session.js";
import { usageOf } from "./usage.js";

/** What the namespaces hold, the largest first. */
export function UsageView() {
  const session = useSession();
  const { value, error, reload } = useLoaded(
    async () => ({ namespaces: await session.admin.namespaces.list(), usage: await usageOf(session) }),
    [session],
  );
  const rows = (value?.namespaces ?? [])
    // The server may not have counted yet.
    .flatMap(({ id, title }) => {
      const usage = value?.usage.get(id);
      return usage === undefined ? [] : [{ ...usage, title }];
    })
    .sort((a, b) => b.bytes - a.bytes);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const keys = rows.reduce((sum, row) => sum + row.keys, 0);
  return (
    <section>
      <div class="heading">
        <h1>Usage</h1>
        <button type="button" onClick={reload}>
          Count again
        </button>
      </div>
      <Problem error={error} />
      {value !== undefined && (
        <>
          <p>
            {formatCount(keys)} keys, {formatBytes(bytes)} of keys, values and metadata.
          </p>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Namespace</th>
                  <th scope="col" class="number">
                    Keys
                  </th>
                  <th scope="col" class="number">
                    Size
                  </th>
                  <th scope="col">Share</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <th scope="row">
                      <a href={paths.keys(row.id)}>{row.title}</a>
                    </th>
                    <td class="number">{formatCount(row.keys)}</td>
                    <td class="number">{formatBytes(row.bytes)}</td>
                    <td>
                      <meter
                        min={0}
                        max={Math.max(1, bytes)}
                        value={row.bytes}
                        aria-label={`Share of ${row.title}`}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
