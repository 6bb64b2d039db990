const DEFAULTS = { newCheckout: false, darkMode: true };

const router = new Router();

router.get("/flags", async (_req, res) => {
  res.json(await allFlags());
});

router.get("/flags/:name", async (req, res) => {
  const flags = await allFlags();
  const { name } = req.params;
  if (!Object.hasOwn(flags, name)) return res.status(404).json({ error: `There is no flag ${name}` });
  res.json({ name, enabled: flags[name] });
});

router.put("/flags/:name", async (req, res) => {
  const { name } = req.params;
  if (!Object.hasOwn(DEFAULTS, name)) return res.status(404).json({ error: `There is no flag ${name}` });
  if (typeof req.body.enabled !== "boolean")
    return res.status(400).json({ error: "enabled must be true or false" });
  // A key for each flag: two that are switched at once do not undo each other.
  await kv.set(`flag:${name}`, req.body.enabled);
  res.json({ name, enabled: req.body.enabled });
});

export default router;

async function allFlags() {
  const entries = Object.entries(DEFAULTS).map(async ([name, byDefault]) => [
    name,
    (await kv.get(`flag:${name}`)) ?? byDefault,
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
