import { CurrentWindowBackendContext, Event as GlassEaselEvent } from "glass-easel";

/**
 * glass-easel's DOM with the events of a phone: touches and taps. Built-in components send theirs themselves, so the DOM's own
 * input and change events stay inside of them; and a disabled button isn't tapped.
 */
export class PhoneBackend extends CurrentWindowBackendContext {
  constructor() {
    super();
    this.onEvent((target, type, detail, options) => {
      if (type === "tap" && isDisabled(options.originalEvent)) return undefined;
      const event = new GlassEaselEvent(type, detail, options);
      GlassEaselEvent.dispatchEvent(target, event);
      return event.getEventBubbleStatus();
    });
  }

  override setListenerStats(...[element, type, ...rest]: Parameters<CurrentWindowBackendContext["setListenerStats"]>) {
    if (type.startsWith("touch")) super.setListenerStats(element, type, ...rest);
  }
}

function isDisabled(event: unknown): boolean {
  return (
    event instanceof Event && event.target instanceof Element && event.target.closest("wx-button[disabled]") !== null
  );
}
