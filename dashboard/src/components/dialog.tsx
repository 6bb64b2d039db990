import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Problem } from "./problem.js";

export interface DialogProps {
  readonly title: string;
  /** The name of the button that does it. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Whether what was typed is enough. @default true */
  readonly isComplete?: boolean;
  /** @default true */
  readonly closesWhenDone?: boolean;
  readonly children?: ComponentChildren;
  /** Does it. If it fails, the dialog stays open and shows why. */
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** A question with two answers. Escape is the second one. */
export function Dialog(props: DialogProps) {
  const {
    title,
    action,
    isDangerous = false,
    isComplete = true,
    closesWhenDone = true,
    children,
    onConfirm,
    onClose,
  } = props;
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => element.current?.showModal(), []);
  const confirm = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      if (closesWhenDone) onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={confirm}>
        <h2 id={heading}>{title}</h2>
        {children}
        <Problem error={error} />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? "danger" : "main"} disabled={isBusy || !isComplete}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
