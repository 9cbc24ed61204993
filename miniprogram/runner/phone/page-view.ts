import type { WindowConfig } from "../protocol.ts";
import { make, makeButton } from "./dom.ts";

/** What is around a page: the navigation bar, and the place that scrolls. */
export interface PageView {
  element: HTMLElement;
  setTitle(title: string): void;
  setRefreshing(refreshing: boolean): void;
  /** Scrolls to so many pixels. */
  scrollTo(top: number): void;
}

interface PageViewOptions {
  config: WindowConfig;
  css: string;
  content: HTMLElement;
  /** Undefined for the first page. */
  onBack: (() => void) | undefined;
  /** Undefined for a page that can't be pulled down. */
  onPullDown: (() => void) | undefined;
}

/** Pixels that a page must be pulled down. */
const pullDistance = 60;

/** Builds what WeChat draws around a page. */
export function createPageView({ config, css, content, onBack, onPullDown }: PageViewOptions): PageView {
  const title = make("div", { class: "phone-title" }, config.navigationBarTitleText ?? "");
  const bar = make(
    "header",
    { class: "phone-bar" },
    make("div", { class: "phone-status", "aria-hidden": "true" }, "9:41"),
    title,
  );
  bar.style.backgroundColor = config.navigationBarBackgroundColor ?? "#000000";
  bar.style.color = config.navigationBarTextStyle === "black" ? "#000000" : "#ffffff";
  if (onBack) {
    const back = makeButton("‹", "phone-back", onBack);
    back.setAttribute("aria-label", "返回");
    bar.append(back);
  }
  const dots = make("div", { class: "phone-refresh", "aria-label": "正在刷新", hidden: "" }, "● ● ●");
  const scroller = make("div", { class: "phone-scroller" }, dots, content);
  const frame = make("main", { class: "phone-frame" }, scroller);
  if (config.backgroundColor) frame.style.backgroundColor = config.backgroundColor;
  if (onPullDown) listenForPull(scroller, onPullDown);

  return {
    element: make("section", { class: "phone-page" }, make("style", {}, css), bar, frame),
    setTitle: (text) => title.replaceChildren(text),
    setRefreshing(refreshing) {
      dots.hidden = !refreshing;
    },
    scrollTo(top) {
      scroller.scrollTop = top;
    },
  };
}

/** With a finger, or with a mouse whose button is down. */
function listenForPull(scroller: HTMLElement, onPullDown: () => void): void {
  let from: number | undefined;
  const start = (y: number | undefined) => {
    from = scroller.scrollTop <= 0 ? y : undefined;
  };
  const move = (y = 0) => {
    if (from === undefined || y - from < pullDistance) return;
    from = undefined;
    onPullDown();
  };
  scroller.addEventListener("touchstart", ({ touches }) => start(touches[0]?.clientY));
  scroller.addEventListener("touchmove", ({ touches }) => move(touches[0]?.clientY));
  scroller.addEventListener("mousedown", ({ clientY }) => start(clientY));
  scroller.addEventListener("mousemove", ({ buttons, clientY }) => {
    if (buttons === 1) move(clientY);
  });
}
