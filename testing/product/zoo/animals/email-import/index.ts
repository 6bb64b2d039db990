import { EmailMessage } from "cloudflare:email";

export default {
  async fetch(request: Request): Promise<Response> {
    const message = new EmailMessage("a@example.com", "b@example.com", "From: a@example.com\r\n\r\nhello");
    return Response.json({ from: message.from, to: message.to, kind: typeof EmailMessage });
  },
  async email(message: any, env: any): Promise<void> {
    await env.INBOX.put(message.from, await new Response(message.raw).text());
  },
};
