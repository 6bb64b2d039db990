import settings from "@shop/config/settings.json";
import { type Cart, CartSchema, priceOf } from "@shop/shared";
import { route } from "@shop/shared/router";

interface Env {
  CARTS: {
    get<T>(key: string, type: "json"): Promise<T | null>;
    put(key: string, value: string): Promise<void>;
  };
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { resource, id } = route(request);
    if (resource !== "carts") return Response.json({ currency: settings.currency });
    if (request.method === "POST") {
      const cart = CartSchema.parse(await request.json());
      await env.CARTS.put(id, JSON.stringify(cart));
      return Response.json({ saved: id, price: priceOf(cart) });
    }
    const cart = await env.CARTS.get<Cart>(id, "json");
    return cart === null
      ? new Response("empty", { status: 404 })
      : Response.json({ ...cart, price: priceOf(cart) });
  },
};
