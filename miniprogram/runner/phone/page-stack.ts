import { type GeneralComponent, Component as GlassEasel, Element as GlassEaselElement } from "glass-easel";
import type { AssociatedBackend, CodeSpace } from "glass-easel-miniprogram-adapter";
import type { Part, Program } from "../protocol.ts";
import type { Dialogs } from "./dialogs.ts";
import type { ReportFault } from "./faults.ts";
import { createPageView, type PageView } from "./page-view.ts";

/** A page that is open. */
export interface OpenPage {
  path: string;
  view: PageView;
  /** The `this` of the page's code. */
  caller: unknown;
  call(method: string, ...values: unknown[]): void;
  /** Refreshes, if the page can be pulled down. */
  pullDown(): void;
  /** Scrolls to what a selector finds in the page's own template. */
  scrollTo(selector: string): void;
  /** What to ask before the page is left by hand. */
  leaveAlert: string | undefined;
}

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

interface Closable extends OpenPage {
  close(): void;
  setShown(shown: boolean): void;
}

/** Opens and closes pages, and tells them so in WeChat's order: onLoad, onShow, onReady; onHide; onUnload. */
export function createPageStack({ program, space, backend, screen, dialogs, report }: PageStackNeeds): PageStack {
  const stack: Closable[] = [];
  const parts = new Map(program.parts.map((part) => [part.path, part]));

  function push(path: string, query: string): void {
    const part = parts.get(path);
    if (!part) throw new Error(`there is no page ${path}`);
    stack.at(-1)?.setShown(false);
    stack.push(open(part, query));
  }

  function close(count: number): void {
    for (const page of stack.splice(Math.max(0, stack.length - count))) page.close();
  }

  async function goBack(): Promise<void> {
    const content = stack.at(-1)?.leaveAlert;
    const modal = { title: "提示", content: content ?? "", showCancel: true, cancelText: "取消", confirmText: "确定" };
    if (content === undefined || (await dialogs.modal(modal))) pop(1);
  }

  function pop(count: number): void {
    close(Math.min(count, stack.length - 1));
    stack.at(-1)?.setShown(true);
  }

  function open(part: Part, query: string): Closable {
    const root = backend.createRoot("wx-page", space, query ? `${part.path}?${query}` : part.path);
    const component = root.getComponent();
    const content: unknown = component.getBackendElement();
    if (!(content instanceof HTMLElement)) throw new TypeError("a page needs a DOM");
    const config = { ...program.window, ...part.config };
    const call = callerOf(component, report);
    const pullDown = () => {
      view.setRefreshing(true);
      call("onPullDownRefresh");
    };
    const view = createPageView({
      config,
      css: part.css,
      content,
      onBack: stack.length > 0 ? () => void goBack() : undefined,
      onPullDown: config.enablePullDownRefresh ? pullDown : undefined,
    });
    const caller: unknown = component.getMethodCaller();
    if (typeof caller === "object" && caller !== null)
      Object.assign(caller, { route: part.path, options: queryOf(query) });
    const setShown = (shown: boolean) => {
      view.element.hidden = !shown;
      for (const style of view.element.querySelectorAll("style")) style.media = shown ? "" : "not all";
      component.triggerPageLifetime(shown ? "show" : "hide", []);
      call(shown ? "onShow" : "onHide");
    };
    screen.append(view.element);
    GlassEaselElement.pretendAttached(component);
    call("onLoad", queryOf(query));
    setShown(true);
    requestAnimationFrame(() => {
      component.triggerLifetime("ready", []);
      call("onReady");
    });
    return {
      path: part.path,
      view,
      caller,
      call,
      pullDown,
      scrollTo(selector) {
        const found: unknown = component.getShadowRoot()?.querySelector(selector)?.getBackendElement();
        // jsdom has no layout, and so nothing to scroll to.
        if (found instanceof HTMLElement) found.scrollIntoView?.({ block: "start" });
      },
      setShown,
      leaveAlert: undefined,
      close() {
        call("onUnload");
        root.release();
        view.element.remove();
      },
    };
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

function callerOf(component: GeneralComponent, report: ReportFault): OpenPage["call"] {
  return (name, ...values) => {
    try {
      const method = GlassEasel.getMethod(component, name);
      const outcome: unknown = method?.apply(component.getMethodCaller(), values);
      if (outcome instanceof Promise) outcome.catch(report);
    } catch (error) {
      report(error);
    }
  };
}

const queryOf = (query: string): Record<string, string> =>
  Object.fromEntries(
    query
      .split("&")
      .filter(Boolean)
      .map((pair) => pair.split("="))
      .map(([name = "", ...value]) => [decodeURIComponent(name), decodeURIComponent(value.join("="))]),
  );
