import type { AssociatedBackend, CodeSpace } from "glass-easel-miniprogram-adapter";
import type { Program } from "../protocol.ts";
import type { Dialogs } from "./dialogs.ts";
import type { ReportFault } from "./faults.ts";
import { type OpenPage, openPage } from "./open-page.ts";

/** The pages that are open; the last is the one to be seen. */
export interface PageStack {
  has(path: string): boolean;
  all(): OpenPage[];
  current(): OpenPage | undefined;
  push(path: string, query: string): void;
  pop(count: number): void;
  /** Closes the topmost pages and opens another in their place. */
  replace(count: number, path: string, query: string): void;
}

interface PageStackNeeds {
  program: Program;
  space: CodeSpace;
  backend: AssociatedBackend;
  screen: HTMLElement;
  dialogs: Dialogs;
  report: ReportFault;
}

/** Opens and closes pages, and tells them so in WeChat's order: onLoad, onShow, onReady; onHide; onUnload. */
export function createPageStack({ program, dialogs, ...needs }: PageStackNeeds): PageStack {
  const stack: OpenPage[] = [];

  function push(path: string, query: string): void {
    const part = program.parts.find((candidate) => candidate.path === path);
    if (!part) throw new Error(`there is no page ${path}`);
    stack.at(-1)?.setShown(false);
    const onBack = stack.length > 0 ? () => void goBack() : undefined;
    const page = openPage(part, query, { ...needs, window: program.window, onBack });
    stack.push(page);
    page.start();
  }

  function close(count: number): void {
    for (const page of stack.splice(Math.max(0, stack.length - count))) page.close();
  }

  async function goBack(): Promise<void> {
    const content = stack.at(-1)?.leaveAlert;
    const buttons = { showCancel: true, cancelText: "取消", confirmText: "确定", confirmColor: "#576b95" };
    if (content === undefined || (await dialogs.modal({ title: "提示", content, ...buttons }))) pop(1);
  }

  function pop(count: number): void {
    close(Math.min(count, stack.length - 1));
    stack.at(-1)?.setShown(true);
  }

  return {
    has: (path) => program.pages.includes(path),
    all: () => [...stack],
    current: () => stack.at(-1),
    push,
    pop,
    replace(count, path, query) {
      close(count);
      push(path, query);
    },
  };
}
