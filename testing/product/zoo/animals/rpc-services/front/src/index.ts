export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { searchParams } = new URL(request.url);
    switch (searchParams.get("do")) {
      case "add":
        return Response.json(
          await env.LEDGER.add(searchParams.get("name"), Number(searchParams.get("amount"))),
        );
      case "callback": {
        const seen: string[] = [];
        const total = await env.LEDGER.each((name: string) => void seen.push(name));
        return Response.json({ total, seen });
      }
      case "session": {
        using account = await env.LEDGER.open("odin");
        await account.deposit(5);
        return Response.json({ balance: await account.balance(), name: await account.name });
      }
      case "fail":
        try {
          await env.LEDGER.fail();
        } catch (error) {
          return Response.json({ name: (error as Error).name, message: (error as Error).message });
        }
        return new Response("no error");
      case "types":
        return Response.json(
          Object.entries(await env.LEDGER.types()).map(
            ([key, value]) => `${key} ${(value as any).constructor.name}`,
          ),
        );
      case "stream":
        return new Response(await env.LEDGER.stream());
      default:
        return env.PLAIN.fetch(new Request("http://ledger/plain", { method: "POST", body: "x" }));
    }
  },
};
