import { make } from "../dom.ts";

/** A column of which one entry is picked. */
export interface Wheel {
  element: HTMLElement;
  index(): number;
  /** Replaces the entries; the same place stays picked, as far as there is one. */
  fill(labels: string[]): void;
}

/** Makes a column; a tap on an entry picks it. */
export function createWheel(labels: string[], picked: number, onPick: () => void = () => {}): Wheel {
  const element = make("div", { class: "phone-wheel", role: "listbox" });
  let index = 0;

  function pick(next: number): void {
    index = Math.max(0, Math.min(next, element.children.length - 1));
    for (const [at, entry] of [...element.children].entries())
      entry.setAttribute("aria-selected", String(at === index));
    center(element, index);
  }

  function fill(entries: string[]): void {
    element.replaceChildren(...entries.map((label) => make("div", { role: "option" }, label)));
    pick(index);
  }

  element.addEventListener("click", ({ target }) => {
    const at = target instanceof Element ? [...element.children].indexOf(target) : -1;
    if (at === -1) return;
    pick(at);
    onPick();
  });
  fill(labels);
  pick(picked);
  requestAnimationFrame(() => center(element, index));
  return { element, index: () => index, fill };
}

function center(wheel: HTMLElement, index: number): void {
  const entry = wheel.children[index];
  if (entry instanceof HTMLElement) wheel.scrollTop = entry.offsetTop - (wheel.clientHeight - entry.offsetHeight) / 2;
}
