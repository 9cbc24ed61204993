import type { ComponentSpace, GeneralComponent } from "glass-easel";

/** The kinds of values that an attribute takes, and what it is when it isn't given. */
type Property = string | number | boolean | null;

/** A built-in component's element, as its code sees it. */
export interface BuiltIn {
  element: HTMLElement;
  id(): string;
  text(property: string): string;
  number(property: string): number;
  flag(property: string): boolean;
  /** A property whose value isn't plain. */
  value(property: string): unknown;
  /** Notes what the person has changed, so that a page can set the old value again. */
  change(property: string, value: unknown): void;
  emit(event: string, detail: object): void;
  /** Calls back when the element is tapped, before the page hears of it. */
  onTap(listener: () => void): void;
}

/** What every built-in component takes. */
const common: Record<string, Property> = {
  hidden: false,
  hoverClass: "",
  hoverStopPropagation: false,
  hoverStartTime: 50,
  hoverStayTime: 400,
  ariaLabel: "",
  ariaRole: "",
  ariaHidden: "",
  ariaLive: "",
  ariaDisabled: "",
  ariaChecked: "",
  ariaDescribedby: "",
  ariaModal: "",
  ariaExpanded: "",
  ariaSelected: "",
};

/** Puts the name of a property as it stands in WXML: `ariaLabel` → `aria-label`. */
const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * Defines a component that WeChat brings. `build` makes its inside once and returns what brings it up to date with the properties.
 * An attribute that isn't among the properties is a fault of the page.
 */
export function defineBuiltIn(
  space: ComponentSpace,
  name: string,
  properties: Record<string, Property>,
  build: (part: BuiltIn) => () => void = () => () => {},
): void {
  const all = { ...common, ...properties };
  const updates = new WeakMap<GeneralComponent, () => void>();
  const component = space.defineComponent({
    is: `wx://${name}`,
    properties: Object.fromEntries(
      Object.entries(all).map(([key, value]) => [key, value === null ? { type: null, value } : typed(value)]),
    ),
    lifetimes: {
      created() {
        const part = toBuiltIn(this.general());
        const update = build(part);
        updates.set(this.general(), () => {
          part.element.hidden = part.flag("hidden");
          for (const aria of Object.keys(common).filter((key) => key.startsWith("aria"))) reflect(part, aria);
          update();
        });
      },
      attached() {
        updates.get(this.general())?.();
      },
    },
    observers: {
      "**"() {
        updates.get(this.general())?.();
      },
    },
  });
  space.setGlobalUsingComponent(`wx-${name}`, component.general());
}

function typed(value: string | number | boolean) {
  if (typeof value === "string") return { type: String, value };
  return typeof value === "number" ? { type: Number, value } : { type: Boolean, value };
}

function reflect({ element, text }: BuiltIn, property: string): void {
  const attribute = property === "ariaRole" ? "role" : dashed(property);
  const value = text(property);
  if (value !== "") element.setAttribute(attribute, value);
  else if (attribute !== "role") element.removeAttribute(attribute);
}

function toBuiltIn(component: GeneralComponent): BuiltIn {
  const element: unknown = component.getBackendElement();
  if (!(element instanceof HTMLElement)) throw new TypeError("a built-in component needs a DOM");
  const read = (property: string): unknown => component.data[property];
  return {
    element,
    id: () => component.id,
    text: (property) => String(read(property) ?? ""),
    number: (property) => Number(read(property)),
    flag: (property) => Boolean(read(property)),
    value: read,
    change: (property, value) => component.setData({ [property]: value }),
    emit: (event, detail) => component.triggerEvent(event, detail),
    onTap: (listener) => component.addListener("tap", listener),
  };
}
