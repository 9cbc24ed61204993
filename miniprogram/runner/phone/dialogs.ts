import { make, makeButton } from "./dom.ts";

interface ToastOptions {
  title: string;
  icon: "success" | "error" | "loading" | "none";
  /** Milliseconds; none for one that stays. */
  duration: number | undefined;
  mask: boolean;
}

interface ModalOptions {
  title: string;
  content: string;
  showCancel: boolean;
  cancelText: string;
  confirmText: string;
  confirmColor: string;
}

/** What WeChat itself shows above the pages. */
export interface Dialogs {
  /** Toast and loading share one place, as in WeChat: whichever is shown last is seen, and hiding one hides the other. */
  toast(options: ToastOptions): void;
  hideToast(): void;
  modal(options: ModalOptions): Promise<boolean>;
  /** Shows something at the lower edge until it is done with. */
  sheet<Result>(label: string, fill: (done: (result: Result) => void) => Node[]): Promise<Result>;
}

const icons = { success: "✓", error: "✕", loading: "", none: "" };

/** Shows dialogs in a layer of their own. */
export function createDialogs(layer: HTMLElement): Dialogs {
  ignoreGhostClicks(layer);
  let toast: { element: HTMLElement; timer: number | undefined } | undefined;

  function hideToast(): void {
    toast?.element.remove();
    clearTimeout(toast?.timer);
    toast = undefined;
  }

  function ask<Result>(kind: string, label: string, fill: (done: (result: Result) => void) => Node[]): Promise<Result> {
    return new Promise((resolve) => {
      const done = (result: Result) => {
        mask.remove();
        resolve(result);
      };
      const box = make("div", { class: kind, role: "dialog", "aria-label": label }, ...fill(done));
      const mask = make("div", { class: "phone-mask" }, box);
      layer.append(mask);
    });
  }

  return {
    hideToast,
    toast({ title, icon, duration, mask }) {
      hideToast();
      const box = make("div", { class: "phone-toast", role: "alert", "data-icon": icon }, make("p", {}, title));
      if (icon !== "none") box.prepend(make("i", { "aria-hidden": "true" }, icons[icon]));
      const element = make("div", { class: mask ? "phone-mask phone-clear" : "phone-through" }, box);
      layer.append(element);
      toast = { element, timer: duration === undefined ? undefined : window.setTimeout(hideToast, duration) };
    },
    modal: ({ title, content, showCancel, cancelText, confirmText, confirmColor }) =>
      ask("phone-modal", title, (done) => {
        const confirm = makeButton(confirmText, "phone-confirm", () => done(true));
        confirm.style.color = confirmColor;
        const cancel = showCancel ? [makeButton(cancelText, "phone-cancel", () => done(false))] : [];
        return [
          ...(title ? [make("h2", {}, title)] : []),
          make("p", {}, content),
          make("div", { class: "phone-modal-buttons" }, ...cancel, confirm),
        ];
      }),
    sheet: (label, fill) => ask("phone-sheet", label, fill),
  };
}

/** A tap ends before the browser's click for it, which would hit a dialog that the tap has opened: a click counts where it began. */
function ignoreGhostClicks(layer: HTMLElement): void {
  let pressed: Node | undefined;
  addEventListener(
    "pointerdown",
    ({ target }) => {
      pressed = target instanceof Node ? target : undefined;
    },
    true,
  );
  layer.addEventListener(
    "click",
    (event) => {
      if (!pressed || !layer.contains(pressed)) event.stopPropagation();
    },
    true,
  );
}
