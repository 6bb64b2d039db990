import type { Series } from "../../core/series.js";
import type { Chart } from "./charts.js";

/**
 * Draws a line chart as SVG text. It is written by hand, because libraries that draw charts without a browser
 * are large: they bring a browser of their own, or tens of megabytes for two axes and some lines.
 */
export function draw({ title, x, y }: Chart, series: readonly Series[]): string {
  const points = series.flatMap((line) => line.points);
  const [across, up] = [points.map(([figure]) => figure), points.map(([, figure]) => figure)];
  const xTicks = x.ticks(Math.min(...across), Math.max(...across));
  const yTicks = y.ticks(Math.min(...up), Math.max(...up));
  const left = scale(x.place, xTicks, PLOT.left, PLOT.right);
  const top = scale(y.place, yTicks, PLOT.bottom, PLOT.top);

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    // Readable on a light page and on a dark one.
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(title, { x: PLOT.left, y: 22, fill: "#1f2328", size: 15 }),
    ...yTicks.map((tick) => line(PLOT.left, top(tick), PLOT.right, top(tick))),
    ...yTicks.map((tick) => text(y.word(tick), { x: PLOT.left - 8, y: top(tick) + 4, anchor: "end" })),
    ...xTicks.map((tick) => line(left(tick), PLOT.top, left(tick), PLOT.bottom)),
    ...xTicks.map((tick) => text(x.word(tick), { x: left(tick), y: PLOT.bottom + 18, anchor: "middle" })),
    text(x.label, { x: (PLOT.left + PLOT.right) / 2, y: PLOT.bottom + 38, anchor: "middle" }),
    text(y.label, { x: PLOT.left, y: PLOT.top - 10 }),
    ...series.flatMap((one, index) => {
      const colour = COLOURS[index % COLOURS.length] as string;
      const path = one.points.map(([figure, height]) => `${round(left(figure))},${round(top(height))}`);
      const legendY = PLOT.top + 14 + index * 18;
      return [
        `<polyline points="${path.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...path.map((point) => dot(point, colour)),
        `<rect x="${PLOT.right + 16}" y="${legendY - 9}" width="12" height="10" fill="${colour}"/>`,
        text(one.label, { x: PLOT.right + 34, y: legendY }),
      ];
    }),
    "</svg>\n",
  ].join("\n");
}

const WIDTH = 760;
const HEIGHT = 360;
const PLOT = { left: 64, right: 540, top: 56, bottom: 300 };
/** Colours that people with colour blindness can tell apart (after Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

function scale(
  place: (figure: number) => number,
  ticks: readonly number[],
  from: number,
  to: number,
): (figure: number) => number {
  const [least, most] = [place(ticks[0] ?? 0), place(ticks.at(-1) ?? 1)];
  return (figure) => from + ((place(figure) - least) / (most - least || 1)) * (to - from);
}

function text(
  words: string,
  {
    x,
    y,
    anchor = "start",
    fill = "#59636e",
    size = 12,
  }: {
    readonly x: number;
    readonly y: number;
    readonly anchor?: "start" | "middle" | "end";
    readonly fill?: string;
    readonly size?: number;
  },
): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}" font-size="${size}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#d1d9e0"/>`;
}

function dot(point: string, colour: string): string {
  const [x, y] = point.split(",");
  return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
}

function round(position: number): number {
  return Math.round(position * 10) / 10;
}
