import type { Dialogs } from "../dialogs.ts";
import { quietly, wxFunction } from "./callbacks.ts";

interface ToastOptions {
  title: string;
  icon?: "success" | "error" | "loading" | "none";
  duration?: number;
  mask?: boolean;
}

interface ModalOptions {
  title?: string;
  content?: string;
  showCancel?: boolean;
  cancelText?: string;
  confirmText?: string;
  confirmColor?: string;
}

/** The longest text of a button in a modal. */
const buttonLength = 4;

/** What shows something above the page. */
export function createDialogFunctions(dialogs: Dialogs) {
  return {
    showToast: wxFunction("showToast", ({ title, icon = "success", duration = 1_500, mask = false }: ToastOptions) => {
      dialogs.toast({ title: String(title), icon, duration, mask });
      return {};
    }),
    hideToast: wxFunction("hideToast", quietly(dialogs.hideToast)),
    showLoading: wxFunction("showLoading", ({ title, mask = false }: ToastOptions) => {
      dialogs.toast({ title: String(title), icon: "loading", duration: undefined, mask });
      return {};
    }),
    hideLoading: wxFunction("hideLoading", quietly(dialogs.hideToast)),
    showModal: wxFunction("showModal", async (options: ModalOptions) => {
      const { title = "", content = "", showCancel = true, cancelText = "取消" } = options;
      const { confirmText = "确定", confirmColor = "#576b95" } = options;
      for (const text of [cancelText, confirmText]) {
        if (text.length > buttonLength)
          throw new TypeError(`showModal: "${text}" is longer than ${buttonLength} characters`);
      }
      const confirm = await dialogs.modal({ title, content, showCancel, cancelText, confirmText, confirmColor });
      return { confirm, cancel: !confirm, content: null };
    }),
  };
}
