import { withKeyAsSegment } from "../dialects/telnyx/paths.js";
import { type Match, Router } from "./router.js";

/** The router of the API port, where the keys of one dialect may come in over several segments. */
export class ApiRouter extends Router {
  override match(path: string): Match | null {
    return super.match(withKeyAsSegment(path));
  }
}
