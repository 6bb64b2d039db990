import { WorkerEntrypoint } from "cloudflare:workers";
import OAuthProvider from "@cloudflare/workers-oauth-provider";

class ApiHandler extends WorkerEntrypoint {
  fetch(request: Request): Response {
    const { user } = (this.ctx as unknown as { props: { user: string } }).props;
    return Response.json({ user, path: new URL(request.url).pathname });
  }
}

const defaultHandler = {
  async fetch(request: Request, env: any): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname !== "/authorize") return new Response("not found", { status: 404 });
    const oauthRequest = await env.OAUTH_PROVIDER.parseAuthRequest(request);
    const client = await env.OAUTH_PROVIDER.lookupClient(oauthRequest.clientId);
    if (request.method === "GET") {
      return Response.json({ client: client.clientName, scope: oauthRequest.scope });
    }
    const { redirectTo } = await env.OAUTH_PROVIDER.completeAuthorization({
      request: oauthRequest,
      userId: "odin",
      metadata: { label: "raven" },
      scope: oauthRequest.scope,
      props: { user: "odin" },
    });
    return Response.redirect(redirectTo, 302);
  },
};

let provider: OAuthProvider | undefined;

function providerFor(origin: string): OAuthProvider {
  return new OAuthProvider({
    apiRoute: "/api/",
    apiHandler: ApiHandler as any,
    defaultHandler: defaultHandler as any,
    authorizeEndpoint: "/authorize",
    tokenEndpoint: "/oauth/token",
    clientRegistrationEndpoint: "/oauth/register",
    scopesSupported: ["read", "write"],
    resourceMetadata: { resource: `${origin}/` },
  });
}

export default {
  fetch(request: Request, env: any, ctx: any): Promise<Response> {
    provider ??= providerFor(new URL(request.url).origin);
    return provider.fetch(request, env, ctx);
  },
};
