export type { FromContext, HonoContext, HonoMiddleware, HonoNext } from "./context.js";
