import { useEffect, useMemo, useState } from "preact/hooks";
import { formatBytes } from "../components/format.js";
import { jsonProblem } from "./json-text.js";
import { TextEditor } from "./text-editor.js";
import { hexOf, imageType, type ValueForm } from "./value-form.js";

export interface ValueFieldProps {
  /** What is stored, or a file that was chosen. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is edited. `undefined` if the value is edited as a whole file only. */
  readonly text: string | undefined;
  readonly initialForm: ValueForm;
  readonly isReadOnly: boolean;
  onText(text: string): void;
  onBytes(bytes: Uint8Array<ArrayBuffer>): void;
}

const PROBLEM_ID = "value-problem";

/** A value as text, JSON, bytes or an image. */
export function ValueField({ bytes, text, initialForm, isReadOnly, onText, onBytes }: ValueFieldProps) {
  const [chosen, setForm] = useState<ValueForm>(initialForm);
  const image = imageType(bytes);
  const forms: ValueForm[] = [
    ...(text === undefined ? [] : (["text", "json"] as const)),
    "hex",
    ...(image === undefined ? [] : (["image"] as const)),
  ];
  const form = forms.includes(chosen) ? chosen : (forms[0] ?? "hex");
  const problem = form === "json" && text !== undefined ? jsonProblem(text) : undefined;
  return (
    <fieldset class="value">
      <legend>Value</legend>
      <div class="toolbar">
        {forms.map((one) => (
          <button type="button" key={one} aria-pressed={one === form} onClick={() => setForm(one)}>
            {{ text: "Text", json: "JSON", hex: "Hex", image: "Image" }[one]}
          </button>
        ))}
        <span class="space" />
        {form === "json" && text !== undefined && problem === undefined && !isReadOnly && (
          <button type="button" onClick={() => onText(JSON.stringify(JSON.parse(text), null, 2))}>
            Indent
          </button>
        )}
        {!isReadOnly && (
          <label class="button">
            Upload
            <input
              type="file"
              class="unseen"
              onChange={async (event) => {
                const file = event.currentTarget.files?.[0];
                if (file !== undefined) onBytes(new Uint8Array(await file.arrayBuffer()));
              }}
            />
          </label>
        )}
        <span class="hint">{formatBytes(text === undefined ? bytes.length : new Blob([text]).size)}</span>
      </div>
      {(form === "text" || form === "json") && text !== undefined && (
        <TextEditor
          label="Value"
          value={text}
          rows={14}
          isJson={form === "json"}
          isReadOnly={isReadOnly}
          describedBy={problem === undefined ? undefined : PROBLEM_ID}
          onInput={onText}
        />
      )}
      {problem !== undefined && (
        <p id={PROBLEM_ID} class="problem">
          {problem}
        </p>
      )}
      {form === "hex" && <Hex bytes={bytes} text={text} />}
      {form === "image" && image !== undefined && <Preview bytes={bytes} type={image} />}
    </fieldset>
  );
}

function Hex({ bytes, text }: { readonly bytes: Uint8Array; readonly text: string | undefined }) {
  const shown = useMemo(
    () => hexOf(text === undefined ? bytes : new TextEncoder().encode(text)),
    [bytes, text],
  );
  return <textarea class="hex" aria-label="Bytes" readOnly rows={16} wrap="off" value={shown} />;
}

/** An image in its own address. It is decoded as pixels only, so nothing in it can run. */
function Preview({ bytes, type }: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const address = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(address);
    return () => URL.revokeObjectURL(address);
  }, [bytes, type]);
  return url === undefined ? null : <img class="preview" src={url} alt="The value" />;
}
