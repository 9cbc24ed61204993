import type { ComponentSpace } from "glass-easel";
import type { TempFiles } from "../temp-files.ts";
import { defineBuiltIn } from "./built-in.ts";

/** Defines the components that only hold or show something. */
export function defineBoxes(space: ComponentSpace, files: TempFiles): void {
  defineBuiltIn(space, "view", {});
  defineBuiltIn(space, "text", { selectable: false, userSelect: false, space: "", decode: false });
  defineBuiltIn(
    space,
    "scroll-view",
    {
      scrollX: false,
      scrollY: false,
      scrollTop: 0,
      scrollLeft: 0,
      scrollIntoView: "",
      scrollWithAnimation: false,
      enhanced: false,
      showScrollbar: true,
    },
    ({ element, flag, emit }) => {
      element.addEventListener("scroll", () =>
        emit("scroll", { scrollTop: element.scrollTop, scrollLeft: element.scrollLeft }),
      );
      return () => {
        element.style.overflowX = flag("scrollX") ? "auto" : "hidden";
        element.style.overflowY = flag("scrollY") ? "auto" : "hidden";
      };
    },
  );
  defineBuiltIn(
    space,
    "image",
    { src: "", mode: "scaleToFill", lazyLoad: false, showMenuByLongpress: false, webp: false },
    ({ element, text, emit }) => {
      const picture = document.createElement("img");
      element.append(picture);
      picture.addEventListener("load", () =>
        emit("load", { width: picture.naturalWidth, height: picture.naturalHeight }),
      );
      picture.addEventListener("error", () => emit("error", { errMsg: `GET ${picture.src} fail` }));
      return () => {
        element.setAttribute("mode", text("mode"));
        picture.alt = text("ariaLabel");
        const source = files.sourceOf(text("src"));
        if (source === "") picture.removeAttribute("src");
        else if (picture.getAttribute("src") !== source) picture.setAttribute("src", source);
      };
    },
  );
}
