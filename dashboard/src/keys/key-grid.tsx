import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { formatTimeLeft } from "../components/format.js";
import { paths } from "../paths.js";
import type { KeyRows } from "./key-rows.js";

const ROW_PIXELS = 34;
const PAGE_ROWS = 15;

export interface KeyGridProps {
  readonly namespace: string;
  readonly keys: KeyRows;
  readonly selected: ReadonlySet<string>;
  readonly mayWrite: boolean;
  onSelect(selected: ReadonlySet<string>): void;
}

/** The keys, of which only those in view are elements of the page. */
export function KeyGrid({ namespace, keys, selected, mayWrite, onSelect }: KeyGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { route } = useLocation();
  const [focused, setFocused] = useState(0);
  const virtualizer = useVirtualizer(() => scroller.current, keys.rows.length);
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useLayoutEffect(() => {
    void keys.reach(last);
  });
  const nowMs = Date.now();

  const toggle = (name: string) => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    onSelect(next);
  };
  const focus = (index: number) => {
    const target = Math.min(Math.max(index, 0), keys.rows.length - 1);
    setFocused(target);
    virtualizer.scrollToIndex(target);
    // The row may come into being with the scroll.
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${target}"]`)?.focus();
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const name = keys.rows[focused]?.name;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: focused + 1,
      ArrowUp: focused - 1,
      PageDown: focused + PAGE_ROWS,
      PageUp: focused - PAGE_ROWS,
      Home: 0,
      End: keys.rows.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) focus(target);
    else if (event.key === " " && mayWrite && name !== undefined) toggle(name);
    else if (event.key === "Enter" && name !== undefined) route(paths.entry(namespace, name));
    else return;
    event.preventDefault();
  };

  return (
    <div
      role="grid"
      aria-label="Keys"
      aria-rowcount={keys.isComplete ? keys.rows.length + 1 : -1}
      aria-multiselectable={mayWrite}
      class="grid"
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} class="row head">
          {mayWrite && (
            <span role="columnheader">
              <span class="unseen">Selected</span>
            </span>
          )}
          <span role="columnheader">Key</span>
          <span role="columnheader">Metadata</span>
          <span role="columnheader">Expires</span>
        </div>
      </div>
      <div role="rowgroup" class="rows" ref={scroller} onKeyDown={onKeyDown}>
        <div role="presentation" style={{ height: `${virtualizer.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const row = keys.rows[index];
            if (row === undefined) return null;
            const { name, metadata, expiration, damaged } = row;
            const isSelected = selected.has(name);
            return (
              <div
                role="row"
                key={index}
                aria-label={name}
                aria-rowindex={index + 2}
                aria-selected={mayWrite ? isSelected : undefined}
                data-index={index}
                class="row"
                tabIndex={index === focused ? 0 : -1}
                style={{ transform: `translateY(${start}px)` }}
                onFocus={() => setFocused(index)}
              >
                {mayWrite && (
                  <span role="gridcell">
                    <input
                      type="checkbox"
                      tabIndex={-1}
                      aria-label={`Select ${name}`}
                      checked={isSelected}
                      onChange={() => toggle(name)}
                    />
                  </span>
                )}
                <span role="gridcell" class="name">
                  <a href={paths.entry(namespace, name)} tabIndex={-1}>
                    {shown(name)}
                  </a>
                  {damaged && <em class="warning"> damaged</em>}
                </span>
                <span role="gridcell" class="metadata">
                  {metadata === undefined || metadata === null ? "" : JSON.stringify(metadata)}
                </span>
                <span role="gridcell" class="expires">
                  {expiration === undefined ? "" : formatTimeLeft(expiration, nowMs)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Characters that cannot be seen, or that would turn the text around them, are shown as their numbers. */
function shown(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The adapter of the virtual list for Preact. */
function useVirtualizer(element: () => HTMLDivElement | null, count: number) {
  const [, render] = useReducer((round: number, _: undefined) => round + 1, 0);
  const options: VirtualizerOptions<HTMLDivElement, HTMLElement> = {
    count,
    getScrollElement: element,
    estimateSize: () => ROW_PIXELS,
    overscan: 12,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => render(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
}
