import { Hono } from "hono";
import standIn from "left-out";
import fetchLike from "node-fetch";
import { Page } from "#views";
import { double } from "@/lib/double";

declare const __VERSION__: string;
declare const FLAGS: { beta: boolean };

class Model {
  static {
    this.label = `model ${this.name}`;
  }
  static label: string;
}

const app = new Hono();
app.get("/", (c) => c.html(<Page title={`v${__VERSION__}`} items={[double(1), double(2)]} />));
app.get("/facts", (c) =>
  c.json({
    mode: process.env.MODE,
    beta: FLAGS.beta,
    standIn: standIn(),
    fetchLike: fetchLike("x"),
    label: Model.label,
    handler: function named() {}.name,
  }),
);
export default app;
