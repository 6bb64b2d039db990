import { flags } from "@kvasir/client/recipes";

const DEFAULTS = { newCheckout: { enabled: false }, darkMode: { enabled: true } };
const features = flags(env.FLAGS, { defaults: DEFAULTS });

const router = new Router();

// Returns all flags for ?user=… with one read.
router.get("/flags", async (req, res) => {
  const names = Object.keys(DEFAULTS);
  const loaded = await features.load(names);
  res.json(Object.fromEntries(names.map((name) => [name, loaded.isEnabled(name, req.query.user)])));
});

router.get("/flags/:name", async (req, res) => {
  const { name } = req.params;
  const { enabled, reason } = await features.evaluate(name, req.query.user);
  if (reason === "missing") return res.status(404).json({ error: `There is no flag ${name}` });
  res.json({ name, enabled });
});

// Takes a definition such as { "enabled": true } or { "rollout": 10, "allow": ["ada"] }.
router.put("/flags/:name", async (req, res) => {
  const { name } = req.params;
  if (!Object.hasOwn(DEFAULTS, name)) return res.status(404).json({ error: `There is no flag ${name}` });
  try {
    await features.set(name, req.body);
  } catch (error) {
    if (error.code !== "option_invalid") throw error;
    return res.status(400).json({ error: `${error.message} ${error.hint}` });
  }
  res.json({ name, definition: req.body });
});

export default router;
