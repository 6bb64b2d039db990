export type {
  ExpressMiddleware,
  ExpressNext,
  ExpressRequest,
  ExpressResponse,
  FromRequest,
} from "./context.js";
