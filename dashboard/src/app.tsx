import { Route, Router, useLocation } from "preact-iso";
import { EntryView, NewEntryView } from "./entry/entry-view.js";
import { KeysView } from "./keys/keys-view.js";
import { LiveView } from "./live/live-view.js";
import { NamespacesView } from "./namespaces/namespaces-view.js";
import { paths } from "./paths.js";
import { SessionProvider, useSession } from "./session/session.js";
import { TokensView } from "./tokens/tokens-view.js";
import { UsageView } from "./usage/usage-view.js";

export function App() {
  return (
    <SessionProvider>
      <Layout />
    </SessionProvider>
  );
}

function Layout() {
  const { path } = useLocation();
  const { can, isBound, usesToken, signOut } = useSession();
  const link = (href: string, text: string, isCurrent: boolean) => (
    <a href={href} aria-current={isCurrent ? "page" : undefined}>
      {text}
    </a>
  );
  return (
    <>
      <header>
        <a class="brand" href={paths.namespaces}>
          Kvasir
        </a>
        <nav aria-label="Main">
          {link(paths.namespaces, "Namespaces", path === "/dashboard" || path.startsWith(paths.namespaces))}
          {link(paths.live, "Live", path === paths.live)}
          {link(paths.usage, "Usage", path === paths.usage)}
          {can("admin") && !isBound && link(paths.tokens, "Tokens", path === paths.tokens)}
        </nav>
        {usesToken && (
          <button type="button" class="quiet" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      <main>
        <Router>
          <Route path="/dashboard" component={NamespacesView} />
          <Route path="/dashboard/namespaces" component={NamespacesView} />
          <Route path="/dashboard/namespaces/:id" component={KeysView} />
          <Route path="/dashboard/namespaces/:id/new" component={NewEntryView} />
          <Route path="/dashboard/namespaces/:id/keys/:name" component={EntryView} />
          <Route path="/dashboard/live" component={LiveView} />
          <Route path="/dashboard/usage" component={UsageView} />
          <Route path="/dashboard/tokens" component={TokensView} />
          <Route default component={NothingHere} />
        </Router>
      </main>
    </>
  );
}

function NothingHere() {
  return (
    <section>
      <h1>There is no such view</h1>
      <p>
        <a href={paths.namespaces}>See the namespaces</a>
      </p>
    </section>
  );
}
