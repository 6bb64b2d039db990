const PAGE = `<!doctype html><html><head><title>old</title></head><body>
<a href="/a">a</a><img src="x.png"><!-- comment --><p>text</p><div data-flag="beta">beta</div></body></html>`;

class Links {
  element(element) {
    element.setAttribute("href", `https://example.com${element.getAttribute("href")}`);
    element.setAttribute("rel", "noopener");
  }
}

export default {
  async fetch(request, env) {
    if (request.method === "PUT") await env.FLAGS.put("beta", await request.text());
    const page = new Response(PAGE, { headers: { "content-type": "text/html" } });
    let texts = "";
    return new HTMLRewriter()
      .on("a[href]", new Links())
      .on("title", { element: (element) => void element.setInnerContent("new <title>") })
      .on("img", { element: (element) => void element.replace("<picture></picture>", { html: true }) })
      .on("p", {
        text: (text) => {
          texts += text.text;
          if (text.lastInTextNode) text.after(` (${texts.length})`);
        },
      })
      .on("div[data-flag]", {
        async element(element) {
          if ((await env.FLAGS.get(element.getAttribute("data-flag"))) !== "on") element.remove();
        },
      })
      .onDocument({
        comments: (comment) => void comment.remove(),
        end: (end) => void end.append("<!--end-->", { html: true }),
      })
      .transform(page);
  },
};
