import type { PageStack } from "../page-stack.ts";
import { quietly, WxFailure, wxFunction } from "./callbacks.ts";

interface Target {
  url: string;
}

/** What goes from page to page, and acts on the one that is shown. */
export function createNavigation(pages: PageStack) {
  const goTo =
    (go: (path: string, query: string) => void) =>
    async ({ url }: Target) => {
      await nextTask();
      const [path = "", query = ""] = url.split("?");
      const absolute = path.startsWith("/") ? path.slice(1) : resolve(pages.current()?.path ?? "", path);
      if (!pages.has(absolute)) throw new WxFailure({ errMsg: `fail page "${absolute}" is not found` });
      go(absolute, query);
      return {};
    };

  return {
    navigateTo: wxFunction(
      "navigateTo",
      goTo((path, query) => {
        if (pages.all().length >= 10) throw new WxFailure({ errMsg: "fail webview count limit exceed" });
        pages.push(path, query);
      }),
    ),
    redirectTo: wxFunction(
      "redirectTo",
      goTo((path, query) => pages.replace(1, path, query)),
    ),
    reLaunch: wxFunction(
      "reLaunch",
      goTo((path, query) => pages.replace(pages.all().length, path, query)),
    ),
    navigateBack: wxFunction("navigateBack", async ({ delta = 1 }: { delta?: number }) => {
      await nextTask();
      if (pages.all().length === 1) throw new WxFailure({ errMsg: "fail cannot navigate back at first page." });
      pages.pop(delta);
      return {};
    }),
    setNavigationBarTitle: wxFunction("setNavigationBarTitle", ({ title }: { title: string }) => {
      pages.current()?.view.setTitle(title);
      return {};
    }),
    startPullDownRefresh: wxFunction(
      "startPullDownRefresh",
      quietly(() => pages.current()?.pullDown()),
    ),
    stopPullDownRefresh: wxFunction(
      "stopPullDownRefresh",
      quietly(() => pages.current()?.view.setRefreshing(false)),
    ),
    pageScrollTo: wxFunction(
      "pageScrollTo",
      ({ scrollTop = 0, selector }: { scrollTop?: number; selector?: string }) => {
        if (selector === undefined) pages.current()?.view.scrollTo(scrollTop);
        else pages.current()?.scrollTo(selector);
        return {};
      },
    ),
    enableAlertBeforeUnload: wxFunction("enableAlertBeforeUnload", ({ message }: { message: string }) => {
      const page = pages.current();
      if (page) page.leaveAlert = message;
      return {};
    }),
    disableAlertBeforeUnload: wxFunction(
      "disableAlertBeforeUnload",
      quietly(() => {
        const page = pages.current();
        if (page) page.leaveAlert = undefined;
      }),
    ),
  };
}

/** WeChat changes pages later, when the code that asks for it is done. */
const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** A path as seen from the page at another. */
function resolve(from: string, path: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
