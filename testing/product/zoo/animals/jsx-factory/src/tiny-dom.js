export const Fragment = Symbol("fragment");

export const h = (type, props, ...children) => ({ type, props: props ?? {}, children: children.flat() });

export function render(node) {
  if (typeof node !== "object") return String(node);
  const { type, props, children } = node;
  if (typeof type === "function") return render(type({ ...props, children }));
  const inner = children.map(render).join("");
  if (type === Fragment) return inner;
  const attributes = Object.entries(props).map(([name, value]) => ` ${name}="${value}"`);
  return `<${type}${attributes.join("")}>${inner}</${type}>`;
}
