import { type Context, Hono } from "hono";
import { expect, test } from "vitest";
import {
  type FromContext,
  fromContext,
  type HonoContext,
  type HonoMiddleware,
  waitUntil,
} from "./context.js";

interface Greeter {
  greet(): string;
}

/** Written like a recipe's middleware: takes the recipe, or a function that gets it. */
function greeting<Context extends HonoContext>(
  recipe: FromContext<Greeter, Context>,
): HonoMiddleware<Context> {
  return async (c, next) => {
    c.set("greeting", fromContext(recipe, c).greet());
    await next();
    c.header("X-Method", c.req.method);
  };
}

interface Env {
  Bindings: { readonly NAME: string };
  Variables: { greeting: string; other: number };
}

test("a middleware over the structural context is one of Hono's, with a recipe or a function of the context", async () => {
  const app = new Hono<Env>();
  app.use("/ready", greeting({ greet: () => "Hello" }));
  app.use(
    "/named",
    greeting((c: Context<Env>) => ({ greet: () => `Hello ${c.env.NAME}` })),
  );
  app.get("*", (c) => c.text(c.get("greeting")));

  expect(await (await app.request("/ready")).text()).toBe("Hello");
  const named = await app.request("/named", {}, { NAME: "Ada" });
  expect(await named.text()).toBe("Hello Ada");
  expect(named.headers.get("X-Method")).toBe("GET");
});

test("work that outlives the answer goes to the platform, or just goes on where there is none", async () => {
  const waited: Promise<unknown>[] = [];
  const failing = Promise.reject(new Error("late"));
  waitUntil({ executionCtx: { waitUntil: (promise) => void waited.push(promise) } }, failing);
  await expect(Promise.all(waited)).resolves.toEqual([undefined]);
  const nowhere = {
    get executionCtx(): never {
      throw new Error("This context has no ExecutionContext");
    },
  };
  expect(() => waitUntil(nowhere, Promise.resolve())).not.toThrow();
});
