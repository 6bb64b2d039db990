/** Stands for the Worker beside assets that have none. */
export default {
  fetch: () => new Response("Not found", { status: 404, headers: { "Content-Type": "text/html" } }),
};
