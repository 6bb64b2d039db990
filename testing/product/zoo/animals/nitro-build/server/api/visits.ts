// The source, which only the framework's build reads.
export default async (event: { context: { cloudflare: { env: Record<string, unknown> } } }) =>
  Object.keys(event.context.cloudflare.env);
