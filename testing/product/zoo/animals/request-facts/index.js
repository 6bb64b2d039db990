export default {
  async fetch(request) {
    const { headers, cf, method, url, redirect } = request;
    const types = Object.fromEntries(Object.entries(cf).map(([name, value]) => [name, typeof value]));
    switch (new URL(url).pathname) {
      case "/cf":
        return Response.json(types);
      case "/url":
        return Response.json({ url, method, redirect, body: await request.text() });
      default:
        return Response.json({
          ip: headers.get("cf-connecting-ip"),
          real: headers.get("x-real-ip"),
          proto: headers.get("x-forwarded-proto"),
          encoding: headers.get("accept-encoding"),
          country: headers.get("cf-ipcountry"),
          names: [...headers.keys()],
          kinds: [cf.country, cf.colo, cf.tlsVersion, cf.httpProtocol],
        });
    }
  },
};
