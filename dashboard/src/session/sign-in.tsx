import { useState } from "preact/hooks";

export interface SignInProps {
  /** Why the last token was refused. */
  readonly problem: string | undefined;
  onToken(token: string): Promise<void>;
}

export function SignIn({ problem, onToken }: SignInProps) {
  const [token, setToken] = useState("");
  return (
    <main class="sign-in">
      <h1>Kvasir</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const trimmed = token.trim();
          if (trimmed !== "") void onToken(trimmed);
        }}
      >
        <label>
          Token
          <input
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            autocomplete="off"
            spellcheck={false}
            aria-describedby="token-hint"
            autofocus
          />
        </label>
        <p id="token-hint" class="hint">
          <code>kvasir token create</code> makes one. The page can do what the token may.
        </p>
        {problem !== undefined && <p role="alert">{problem}</p>}
        <button type="submit" class="main">
          Sign in
        </button>
      </form>
    </main>
  );
}
