import { createHash } from "node:crypto";
import type { Animal } from "../../animal.js";

const JSON_TYPE = { "content-type": "application/json" };
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const REDIRECT = "https://client.example/callback";
const VERIFIER = "a".repeat(64);
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

const animal: Animal = {
  like: "remote MCP servers and APIs behind @cloudflare/workers-oauth-provider",
  packages: ["@cloudflare/workers-oauth-provider"],
  async visit({ send }) {
    await send("GET /.well-known/oauth-authorization-server", { shows: "/oauth/token" });
    await send("GET /api/me", { status: 401 });
    const registered = await send("POST /oauth/register", {
      headers: JSON_TYPE,
      body: JSON.stringify({
        client_name: "raven",
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: "none",
      }),
      status: 201,
      hide: [/"client_id":"[^"]+"/, /"registration_client_uri":"[^"]+"/, /"client_id_issued_at":\d+/],
    });
    const { client_id: clientId } = JSON.parse(registered.body);
    const query = new URLSearchParams({
      response_type: "code",
      client_id: clientId,
      redirect_uri: REDIRECT,
      scope: "read",
      state: "s1",
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
    });
    const secret = [new RegExp(clientId), /code=[^&"]+/, /"(access|refresh)_token":"[^"]+"/];
    await send(`GET /authorize?${query}`, { shows: '"client":"raven"', hide: secret });
    const redirected = await send(`POST /authorize?${query}`, { status: 302, hide: secret });
    const code = new URL(String(redirected.headers.location)).searchParams.get("code") ?? "";
    const exchange = new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: REDIRECT,
      client_id: clientId,
      code_verifier: VERIFIER,
    });
    const granted = await send("POST /oauth/token", {
      headers: FORM,
      body: String(exchange),
      shows: "access_token",
      hide: secret,
    });
    const { access_token: token, refresh_token: refresh } = JSON.parse(granted.body);
    await send("GET /api/me", { headers: { authorization: `Bearer ${token}` }, shows: '"user":"odin"' });
    const refreshed = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refresh,
      client_id: clientId,
    });
    await send("POST /oauth/token", {
      headers: FORM,
      body: String(refreshed),
      shows: "access_token",
      hide: secret,
    });
    await send("POST /oauth/token", { headers: FORM, body: String(exchange), status: 400, hide: secret });
    await send("GET /elsewhere", { status: 404 });
  },
};
export default animal;
