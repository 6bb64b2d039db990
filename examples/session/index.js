import { sessions } from "@kvasir/client/recipes";
import { sessionMiddleware } from "@kvasir/client/recipes/express";

const visitors = sessions(env.SESSIONS, { idleSeconds: 3600 });
const router = new Router();

router.use(sessionMiddleware(visitors, { initial: () => ({ since: new Date().toISOString(), visits: 0 }) }));

router.get("/", (req, res) => {
  // Concurrent visits are all counted. The first visit creates the session.
  req.session.update((session) => ({ ...session, visits: session.visits + 1 }));
  res.json(req.session.data);
});

router.delete("/", (req, res) => {
  req.session.destroy();
  res.send();
});

export default router;
