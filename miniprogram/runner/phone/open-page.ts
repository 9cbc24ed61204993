import { type GeneralComponent, Component as GlassEasel, Element as GlassEaselElement } from "glass-easel";
import type { AssociatedBackend, CodeSpace } from "glass-easel-miniprogram-adapter";
import type { Part, WindowConfig } from "../protocol.ts";
import type { ReportFault } from "./faults.ts";
import { createPageView, type PageView } from "./page-view.ts";

/** A page that is open. */
export interface OpenPage {
  path: string;
  view: PageView;
  /** The `this` of the page's code. */
  caller: unknown;
  /** Calls a method of the page's, if it has one. */
  call(method: string, ...values: unknown[]): void;
  /** Refreshes, if the page can be pulled down. */
  pullDown(): void;
  /** Scrolls to what a selector finds in the page's own template. */
  scrollTo(selector: string): void;
  /** What to ask before the page is left by hand. */
  leaveAlert: string | undefined;
  /** Tells the page that it is there, then that it is shown, then that it is ready. */
  start(): void;
  setShown(shown: boolean): void;
  close(): void;
}

interface OpenPageNeeds {
  space: CodeSpace;
  backend: AssociatedBackend;
  screen: HTMLElement;
  report: ReportFault;
  window: WindowConfig;
  /** Undefined for the first page. */
  onBack: (() => void) | undefined;
}

/** Puts a page on the screen. Its query is as WeChat gives it: not decoded. */
export function openPage(part: Part, query: string, needs: OpenPageNeeds): OpenPage {
  const { space, backend, screen, report, onBack } = needs;
  const root = backend.createRoot("wx-page", space, query ? `${part.path}?${query}` : part.path);
  const component = root.getComponent();
  const content: unknown = component.getBackendElement();
  if (!(content instanceof HTMLElement)) throw new TypeError("a page needs a DOM");
  const config = { ...needs.window, ...part.config };
  const options = Object.fromEntries(query.split("&").filter(Boolean).map(nameAndValue));
  const call = callerOf(component, report);
  const pullDown = () => {
    view.setRefreshing(true);
    call("onPullDownRefresh");
  };
  const view = createPageView({
    config,
    css: part.css,
    content,
    onBack,
    onPullDown: config.enablePullDownRefresh ? pullDown : undefined,
  });
  const caller: unknown = component.getMethodCaller();
  if (typeof caller === "object" && caller !== null) Object.assign(caller, { route: part.path, options });

  function setShown(shown: boolean): void {
    view.element.hidden = !shown;
    for (const style of view.element.querySelectorAll("style")) style.media = shown ? "" : "not all";
    component.triggerPageLifetime(shown ? "show" : "hide", []);
    call(shown ? "onShow" : "onHide");
  }

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
    leaveAlert: undefined,
    start() {
      screen.append(view.element);
      GlassEaselElement.pretendAttached(component);
      call("onLoad", options);
      setShown(true);
      requestAnimationFrame(() => {
        component.triggerLifetime("ready", []);
        call("onReady");
      });
    },
    setShown,
    close() {
      call("onUnload");
      root.release();
      view.element.remove();
    },
  };
}

function nameAndValue(pair: string): [string, string] {
  const [name = "", ...value] = pair.split("=");
  return [name, value.join("=")];
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
