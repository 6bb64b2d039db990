export default {
  fetch(request, env) {
    const { id, tag, timestamp } = env.VERSION;
    return Response.json({ id, tag, time: typeof timestamp, keys: Object.keys(env.VERSION) });
  },
};
