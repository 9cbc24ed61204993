/** Looks at the phone as a person does: by what is written on it, or by the label that a screen reader would read. */

/** Narrows a look to the place that is nearest to another text. */
export interface Nearness {
  near?: string;
}

/** The text that can be seen now, with what stands in fields. */
export function visibleText(): string {
  return textOf(document.body);
}

/** Whether a text can be seen. Where it is broken into lines or put together of several doesn't matter. */
export function sees(text: string): boolean {
  return joined(visibleText()).includes(joined(text));
}

/** Something to tap: what has exactly this text, or else this label. */
export function findByText(text: string, { near }: Nearness = {}): Element | undefined {
  const all = visibleElements(topmost());
  const written = innermost(all.filter((element) => joined(textOf(element)) === joined(text)));
  const found = written.length > 0 ? written : all.filter((element) => element.ariaLabel === text);
  return theOne(text, near === undefined ? found : nearest(found, near));
}

/** A field to type into, by its label or by the text beside it. */
export function findField(label: string): HTMLInputElement | HTMLTextAreaElement | undefined {
  const fields = visibleElements(topmost()).filter(isField);
  const labelled = fields.filter((field) => field.ariaLabel === label || field.placeholder === label);
  return theOne(label, labelled.length > 0 ? labelled : nearest(fields, label));
}

/** What stands in a field. */
export function readField(label: string): string | undefined {
  return findField(label)?.value;
}

/** A `<picker>` by its label or by the text in it. */
export function findPicker(label: string): Element | undefined {
  const pickers = visibleElements(topmost()).filter((element) => element.localName === "wx-picker");
  const labelled = pickers.filter((picker) => picker.ariaLabel === label);
  return theOne(label, labelled.length > 0 ? labelled : nearest(pickers, label));
}

/** Where the pictures that can be seen are from. jsdom loads none, so there it is where they should be from. */
export function pictures(): string[] {
  const images = visibleElements(document.body).filter((element) => element instanceof HTMLImageElement);
  return images
    .filter((image) => image.hasAttribute("src") && (!hasLayout || image.naturalWidth > 0))
    .map(({ src }) => src);
}

/** Where a finger reaches something: its middle, once it stands still, is on the screen and is covered by nothing. */
export function reach(find: () => Element | undefined): () => { x: number; y: number } | undefined {
  let last = "";
  return () => {
    const element = find();
    const spot = element && uncovered(element);
    const stands = JSON.stringify(spot) === last;
    last = JSON.stringify(spot) ?? "";
    if (!element || !stands) return undefined;
    watchFinger(element);
    return spot;
  };
}

let landed = false;

function watchFinger(element: Element): void {
  const note = ({ target }: Event) => {
    landed = target instanceof Node && element.contains(target);
  };
  landed = false;
  addEventListener("touchstart", note, { capture: true, once: true });
}

/** Whether the finger came down on what it was to reach: something may have moved away under it. */
export function hasLanded(): boolean {
  return landed;
}

/** Looks again and again, until something is there or the time is over. */
export function until<Result>(
  look: () => Result | undefined | false,
  milliseconds: number,
  what: string,
): Promise<Result> {
  const end = performance.now() + milliseconds;
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const result = look();
      if (result !== undefined && result !== false) return resolve(result);
      if (performance.now() > end)
        return reject(new Error(`${what} within ${milliseconds} ms; there is:\n${visibleText()}`));
      requestAnimationFrame(attempt);
    };
    attempt();
  });
}

/** jsdom has none, so there only what is marked as hidden is. */
const hasLayout = "checkVisibility" in Element.prototype;

function uncovered(element: Element): { x: number; y: number } | undefined {
  const { left, top, width, height } = element.getBoundingClientRect();
  const spot = { x: left + width / 2, y: top + height / 2 };
  if (element.contains(document.elementFromPoint(spot.x, spot.y))) return spot;
  element.scrollIntoView({ block: "center" });
  return undefined;
}

const isField = (element: Element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

/** A dialog covers all else: one of WeChat's, else one of the page's. */
function topmost(): Element {
  const page = document.querySelector(".phone-page:not([hidden])") ?? document.body;
  return (
    [...page.querySelectorAll('[role="dialog"]'), ...document.querySelectorAll(".phone-mask")].at(-1) ?? document.body
  );
}

function isVisible(element: Element): boolean {
  if (element.localName === "style" || element.localName === "script") return false;
  return hasLayout ? element.checkVisibility({ visibilityProperty: true }) : !element.hasAttribute("hidden");
}

function visibleElements(within: Element): Element[] {
  return [...within.children].flatMap((child) => (isVisible(child) ? [child, ...visibleElements(child)] : []));
}

function textOf(element: Element): string {
  if (isField(element)) return element.value;
  return [...element.childNodes]
    .map((node) => {
      if (node instanceof Element) return isVisible(node) ? textOf(node) : "";
      return node.nodeType === Node.TEXT_NODE ? (node.textContent ?? "").trim() : "";
    })
    .filter((text) => text !== "")
    .join("\n");
}

const joined = (text: string) => text.replace(/\s/g, "");

const innermost = (elements: Element[]) =>
  elements.filter((element) => !elements.some((other) => other !== element && element.contains(other)));

/** Those which share the smallest surroundings with a text. */
function nearest<Found extends Element>(elements: Found[], text: string): Found[] {
  const distances = elements.map((element) => distance(element, text));
  const least = Math.min(...distances);
  return least === Number.POSITIVE_INFINITY ? [] : elements.filter((_, at) => distances[at] === least);
}

function distance(element: Element, text: string): number {
  let steps = 0;
  for (let around: Element | null = element; around; around = around.parentElement, steps++) {
    if (textOf(around).includes(text)) return steps;
  }
  return Number.POSITIVE_INFINITY;
}

function theOne<Found>(what: string, found: Found[]): Found | undefined {
  if (found.length > 1) throw new Error(`${found.length} places have the text ${what}; say near which`);
  return found[0];
}
