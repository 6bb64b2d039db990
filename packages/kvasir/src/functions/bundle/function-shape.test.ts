import { describe, expect, test } from "vitest";
import { functionShape, parseProgram } from "./function-shape.js";

describe("the dialect of", () => {
  test.each([
    ["export default { fetch() {} }", "worker", "default"],
    ["const app = new Hono(); app.get('/', (c) => c.text('')); export default app", "worker", "default"],
    ["export default class extends WorkerEntrypoint {}", "worker", "default"],
    ["export default createApp((req, res) => {})", "worker", "default"],
    ["export { default } from './app'", "worker", "default"],
    ["import app from './app'; export default app", "worker", "default"],
    [
      "function handler(request) {} addEventListener('fetch', (e) => e.respondWith(handler(e.request)))",
      "worker",
      "events",
    ],
    ["self.addEventListener('fetch', listen); function listen() {}", "worker", "events"],
    ["module.exports = { fetch() {} }", "worker", "default"],
    ["this is no code", "worker", "default"],

    ["export async function handler(request) {}", "handler", "handler"],
    ["export const handler = async (request) => {}", "handler", "handler"],
    ["async function main(request) {} export { main as handler }", "handler", "handler"],
    ["export { handler } from './other'", "handler", "handler"],
    ["export default async (request) => {}", "handler", "default"],
    ["export default function () {}", "handler", "default"],
    ["async function serve(request) {} export default serve", "handler", "default"],
    ["async function serve(request) {} export { serve as default }", "handler", "default"],
    ["async function handler(request) {}", "handler", "bare-handler"],
    ["const handler = async (request) => {}", "handler", "bare-handler"],
    ["export const other = 1; let handler = function (request) {}", "handler", "bare-handler"],
    ["exports.handler = async (request) => {}", "handler", "handler"],
    ["module.exports.handler = serve; function serve(request) {}", "handler", "handler"],
    ["module.exports = { handler: (request) => {} }", "handler", "handler"],
    ["module.exports = async (request) => {}", "handler", "default"],
    ["export async function handler(request, env) {}", "handler", "handler"],
    ["export default async (request, env, ctx) => {}", "handler", "default"],

    ["module.exports = async (req, res) => {}", "express", "default"],
    ["module.exports = async function (req, res, next) {}", "express", "default"],
    ["module.exports = exports = (req, res) => {}", "express", "default"],
    ["module.exports = require('./app')", "express", "default"],
    ["const handler = (req, res) => {}; module.exports = { handler }", "express", "handler"],
    ["module.exports = { handler(req, res) {} }", "express", "handler"],
    ["module.exports = { handler: require('./handler') }", "express", "handler"],
    ["export default (req, res) => {}", "express", "default"],
    ["export async function handler(req, res) {}", "express", "handler"],
    ["export default new Router().get('/', (req, res) => {})", "express", "default"],
    ["const router = new Router(); export default router", "express", "default"],
    ["with (Math) {} module.exports = (req, res) => {}", "express", "default"],
  ])("%s", (code, dialect, entry) => {
    expect(functionShape(parseProgram(code))).toMatchObject({ dialect, entry });
  });

  test.each([
    ["export const x = 1"],
    ["module.exports = { handle(context, body) {} }"],
    ["const handler = 1"],
    ["require('http').createServer(() => {}).listen(8080)"],
    ["const a = b, b = a; export const c = a"],
    [""],
  ])("%s is none", (code) => {
    expect(functionShape(parseProgram(code))).toBeUndefined();
  });
});
