import {
  type AnyNode,
  type Expression,
  type ModuleDeclaration,
  type Program,
  parse,
  type Statement,
} from "acorn";

/** The JavaScript dialects. */
export type ScriptDialect = "worker" | "handler" | "express";

/** The kind of a function, detected from the top level of its file. */
export interface FunctionShape {
  readonly dialect: ScriptDialect;
  /** Where the function is: an export, or a top-level `handler` that is not exported. */
  readonly entry: "default" | "handler" | "bare-handler" | "events";
  /** Whether the module uses `module.exports = …` instead of `export`. */
  readonly commonJs: boolean;
}

/** The shapes that Kvasir runs, for error messages. */
export const ACCEPTED_SHAPES =
  "`export default { fetch(request, env, ctx) { … } }` (a Worker, a Hono app), `export async function handler(request)` or " +
  "`export default async (request) => …` (answers with a Response), or `module.exports = async (req, res) => …` (Express-style)";

/**
 * Detects the dialect of an entry module from its code.
 *
 * The number of parameters decides. A function with at most one parameter is a handler, which returns its
 * response. A function with two or three is Express-style and responds through `res`, unless its second
 * parameter is called `env`, `ctx` or `context`. Some shapes only show when the code runs, such as `export
 * default createApp()`. Those count as a Worker in an ES module and as Express-style in a CommonJS module,
 * which is almost always what is meant.
 *
 * @param program what {@link parseProgram} returns
 * @returns `undefined` if the code exports nothing that can run
 */
export function functionShape(program: Program | undefined): FunctionShape | undefined {
  // The bundler reports syntax errors with their location.
  if (program === undefined) return { dialect: "worker", entry: "default", commonJs: false };
  const scope = declarations(program.body);
  return (
    fromDefaultExport(program.body, scope) ??
    fromListener(program.body) ??
    fromNamedExport(program.body, scope) ??
    fromCommonJs(program.body, scope) ??
    fromBareHandler(scope)
  );
}

type TopLevel = Statement | ModuleDeclaration;
/** The initializer of each top-level name, or `null` if its declaration does not show one. */
type Scope = ReadonlyMap<string, AnyNode | null>;

/**
 * Parses JavaScript. Returns `undefined` if that fails: it has types, JSX, decorators or errors.
 *
 * @param sourceTypes what the code may be, in the order in which this is tried
 */
export function parseProgram(
  code: string,
  sourceTypes: readonly ("module" | "script")[] = ["module", "script"],
): Program | undefined {
  for (const sourceType of sourceTypes) {
    try {
      return parse(code, {
        ecmaVersion: "latest",
        sourceType,
        allowReturnOutsideFunction: true,
        allowHashBang: true,
      });
    } catch {
      // Sloppy CommonJS parses as a script.
    }
  }
  return undefined;
}

function declarations(body: readonly TopLevel[]): Scope {
  const scope = new Map<string, AnyNode | null>();
  for (const node of body) {
    const statement = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    if (statement?.type === "FunctionDeclaration" || statement?.type === "ClassDeclaration") {
      scope.set(statement.id.name, statement);
    } else if (statement?.type === "VariableDeclaration") {
      for (const { id, init } of statement.declarations) {
        if (id.type === "Identifier") scope.set(id.name, init ?? null);
      }
    }
  }
  return scope;
}

function fromDefaultExport(body: readonly TopLevel[], scope: Scope): FunctionShape | undefined {
  const exported = body.find((node) => node.type === "ExportDefaultDeclaration");
  if (exported !== undefined) return defaultShape(resolve(exported.declaration, scope));
  for (const node of body) {
    if (node.type !== "ExportNamedDeclaration") continue;
    for (const { local, exported: name } of node.specifiers) {
      if (nameOf(name) !== "default") continue;
      // Re-exported from another file: the value is not known without running it.
      const value = node.source == null && local.type === "Identifier" ? resolve(local, scope) : null;
      return defaultShape(value);
    }
  }
  return undefined;
}

function defaultShape(value: AnyNode | null): FunctionShape {
  const parameters = parameterCount(value);
  const dialect = isRouter(value)
    ? "express"
    : parameters === undefined
      ? "worker"
      : parameters >= 2
        ? "express"
        : "handler";
  return { dialect, entry: "default", commonJs: false };
}

/**
 * Checked before named exports: service-worker code often has a function `handler` that its listener calls.
 */
function fromListener(body: readonly TopLevel[]): FunctionShape | undefined {
  const listens = body.some((node) => {
    if (node.type !== "ExpressionStatement" || node.expression.type !== "CallExpression") return false;
    const { callee, arguments: args } = node.expression;
    const name = callee.type === "MemberExpression" ? callee.property : callee;
    const [event] = args;
    return (
      name.type === "Identifier" &&
      name.name === "addEventListener" &&
      event?.type === "Literal" &&
      (event.value === "fetch" || event.value === "scheduled")
    );
  });
  return listens ? { dialect: "worker", entry: "events", commonJs: false } : undefined;
}

function fromNamedExport(body: readonly TopLevel[], scope: Scope): FunctionShape | undefined {
  for (const node of body) {
    if (node.type !== "ExportNamedDeclaration") continue;
    const declared =
      node.declaration === undefined || node.declaration === null ? [] : [...declarations([node]).keys()];
    const specifier = node.specifiers.find(({ exported }) => nameOf(exported) === "handler");
    if (!declared.includes("handler") && specifier === undefined) continue;
    const local = specifier?.local.type === "Identifier" ? specifier.local.name : "handler";
    const value = node.source == null ? (scope.get(local) ?? null) : null;
    return handlerShape(value, { entry: "handler", commonJs: false });
  }
  return undefined;
}

function fromCommonJs(body: readonly TopLevel[], scope: Scope): FunctionShape | undefined {
  let shape: FunctionShape | undefined;
  for (const node of body) {
    if (node.type !== "ExpressionStatement" || node.expression.type !== "AssignmentExpression") continue;
    const { left, right } = node.expression;
    const target = exportTarget(left);
    if (target === undefined) continue;
    // exports = module.exports = …
    const assigned = right.type === "AssignmentExpression" ? right.right : right;
    if (target === "handler")
      shape = handlerShape(resolve(assigned, scope), { entry: "handler", commonJs: true });
    else if (target === "") shape = moduleExportsShape(resolve(assigned, scope), scope) ?? shape;
  }
  return shape;
}

function moduleExportsShape(value: AnyNode | null, scope: Scope): FunctionShape | undefined {
  if (value?.type !== "ObjectExpression") {
    const dialect = parameterCount(value) === 1 ? "handler" : "express";
    return { dialect, entry: "default", commonJs: true };
  }
  if (property(value, "fetch") !== undefined) return { dialect: "worker", entry: "default", commonJs: true };
  const handler = property(value, "handler");
  if (handler === undefined) return undefined;
  return handlerShape(resolve(handler, scope), { entry: "handler", commonJs: true });
}

function fromBareHandler(scope: Scope): FunctionShape | undefined {
  const value = scope.get("handler");
  if (value === undefined || value === null || parameterCount(resolve(value, scope)) === undefined)
    return undefined;
  return handlerShape(resolve(value, scope), { entry: "bare-handler", commonJs: false });
}

function handlerShape(
  value: AnyNode | null,
  { entry, commonJs }: Pick<FunctionShape, "entry" | "commonJs">,
): FunctionShape {
  const parameters = parameterCount(value) ?? (commonJs ? 2 : 1);
  return { dialect: parameters >= 2 ? "express" : "handler", entry, commonJs };
}

/** Returns `""` for `module.exports`, and `name` for `exports.name` and `module.exports.name`. */
function exportTarget(node: AnyNode): string | undefined {
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier")
    return undefined;
  const { object, property: name } = node;
  if (object.type === "Identifier" && object.name === "module" && name.name === "exports") return "";
  if (object.type === "Identifier" && object.name === "exports") return name.name;
  return object.type === "MemberExpression" && exportTarget(object) === "" ? name.name : undefined;
}

/** Follows identifiers to the values that they were declared with. */
function resolve(node: AnyNode, scope: Scope): AnyNode | null {
  let at: AnyNode | null = node;
  // Bounded, because declarations can be circular: `const a = b, b = a` parses.
  for (let depth = 0; at?.type === "Identifier" && depth < 8; depth++) at = scope.get(at.name) ?? null;
  return at;
}

/** Returns `undefined` if the node is not a function. */
function parameterCount(node: AnyNode | null): number | undefined {
  switch (node?.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return countAsMeant(node.params);
    default:
      return undefined;
  }
}

/**
 * `(request, env)` and `(request, context)` belong to a handler, which returns a
 * Response: count one parameter.
 */
function countAsMeant(params: readonly AnyNode[]): number {
  const [, second] = params;
  const isSurroundings = second?.type === "Identifier" && /^_?(?:env|ctx|context)$/i.test(second.name);
  return isSurroundings ? 1 : params.filter(({ type }) => type !== "RestElement").length;
}

/** `new Router()` (Invoke's global), or a chain of calls on it. */
function isRouter(node: AnyNode | null): boolean {
  let at: AnyNode | null = node;
  while (at?.type === "CallExpression" || at?.type === "MemberExpression") {
    at = at.type === "CallExpression" ? at.callee : at.object;
  }
  return at?.type === "NewExpression" && at.callee.type === "Identifier" && at.callee.name === "Router";
}

function property(
  node: Extract<Expression, { type: "ObjectExpression" }>,
  name: string,
): AnyNode | undefined {
  for (const member of node.properties) {
    if (member.type === "Property" && !member.computed && nameOf(member.key) === name) return member.value;
  }
  return undefined;
}

function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" ? String(node.value) : undefined;
}
