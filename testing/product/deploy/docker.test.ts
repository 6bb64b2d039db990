import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { describeWith } from "../../harness/requirements.js";
import { only, readDockerfile, stagesOf, words } from "./dockerfile.js";
import { EMPTY_ROOT, EmptyRoot, inNetworkOf } from "./empty-root.js";
import { writePackedProject } from "./packed-project.js";

const BUILD_MS_MAX = 120_000;
const [build = [], image = []] = stagesOf(readDockerfile(join(ROOT, "deploy/Dockerfile")));
const isJson = (text: string) => /^\{.*\}$/.test(text);

test("the image is of two stages, without root, and downloads nothing in the second", () => {
  expect(only(image, "USER")).toBe("node");
  const commands = image.filter(({ name }) => name === "RUN").map(({ value }) => value);
  expect(commands.filter((command) => /npm|curl|wget|apt/.test(command))).toEqual([]);
  expect(only(build, "FROM").split(" AS ")[0]).toBe(only(image, "FROM"));
});

describeWith(EMPTY_ROOT, "the Dockerfile's commands in an empty root", () => {
  let root: EmptyRoot;
  let server: KvasirProcess;

  beforeAll(async () => {
    root = new EmptyRoot();
    const app = only(build, "WORKDIR");
    expect(only(image, "WORKDIR")).toBe(app);
    // COPY: the context is the project. The second stage copies all of it to the same place.
    writePackedProject(join(root.path, app));
    for (const { name, value } of build) if (name === "RUN") root.build(["sh", "-c", value], { cwd: app });
    for (const { name, value } of image) if (name === "RUN") root.build(["sh", "-c", value], { cwd: app });
    const command = [...words(only(image, "ENTRYPOINT")), ...words(only(image, "CMD"))];
    const [, variable = "", setting = ""] = /^(\w+)=(\w+)$/.exec(only(image, "ENV")) ?? [];
    const env = { [variable]: setting, KVASIR_TOKEN: "secret" };
    const child = root.start(command, { cwd: app, env, user: "node" }, [only(image, "VOLUME")]);
    server = new KvasirProcess(child);
    await server.ready({ msMax: BUILD_MS_MAX });
  }, BUILD_MS_MAX);

  afterAll(async () => {
    await server?.kill();
    root?.remove();
  });

  test("it runs as another user than root, and keeps its data in the volume alone", () => {
    const data = join(root.path, only(image, "VOLUME"));
    expect(statSync(join(data, "data.mdb")).uid).not.toBe(0);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(existsSync(join(root.path, only(build, "WORKDIR"), ".kvasir"))).toBe(false);
  });

  test("its health check passes, and its function responds at the port that it exposes", () => {
    const health = words(only(image, "HEALTHCHECK"));
    expect(() => inNetworkOf(server.pid, health)).not.toThrow();
    const [port] = only(image, "EXPOSE").split(" ");
    const ask = `fetch("http://127.0.0.1:${port}").then((response) => response.text()).then(console.log)`;
    expect(inNetworkOf(server.pid, ["node", "-e", ask]).trim()).toBe("127.0.0.1 1");
  });

  test("its log is JSON lines, and its stop signal ends it with 0 in time", async () => {
    await server.line(/"event":"request".*"function":"app"/);
    const startMs = performance.now();
    expect(await server.stop(only(image, "STOPSIGNAL") as NodeJS.Signals)).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(server.lines.every(isJson)).toBe(true);
    expect(server.errors).toEqual([]);
  });
});
