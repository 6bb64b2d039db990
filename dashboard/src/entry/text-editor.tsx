import { useMemo, useRef } from "preact/hooks";
import { piecesOf } from "./json-text.js";

/** Longer texts are not coloured: it would take longer than a key press should. */
const COLOURED_LENGTH_MAX = 100_000;

export interface TextEditorProps {
  readonly label: string;
  readonly value: string;
  readonly rows: number;
  readonly isJson: boolean;
  readonly isReadOnly: boolean;
  /** Id of the element that says what is wrong. */
  readonly describedBy?: string | undefined;
  onInput(value: string): void;
}

/**
 * A text area with colours. The coloured text lies behind a text area whose own text cannot be seen, so that keyboard,
 * assistive technology and spell checking work as in any text area.
 */
export function TextEditor(props: TextEditorProps) {
  const { label, value, rows, isJson, isReadOnly, describedBy, onInput } = props;
  const behind = useRef<HTMLPreElement>(null);
  const isColoured = isJson && value.length <= COLOURED_LENGTH_MAX;
  const pieces = useMemo(() => (isColoured ? piecesOf(value) : []), [isColoured, value]);
  return (
    <div class={isColoured ? "editor coloured" : "editor"}>
      {isColoured && (
        <pre ref={behind} aria-hidden="true">
          {pieces.map(({ kind, text }, index) => (
            <span key={index} class={kind}>
              {text}
            </span>
          ))}
          {"\n"}
        </pre>
      )}
      <textarea
        aria-label={label}
        aria-describedby={describedBy}
        aria-invalid={describedBy !== undefined}
        rows={rows}
        spellcheck={false}
        readOnly={isReadOnly}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onScroll={(event) => {
          const { scrollTop, scrollLeft } = event.currentTarget;
          behind.current?.scrollTo(scrollLeft, scrollTop);
        }}
      />
    </div>
  );
}
