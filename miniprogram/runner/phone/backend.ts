import { CurrentWindowBackendContext } from "glass-easel";

/**
 * glass-easel's DOM, with two differences: built-in components send their events themselves, so the DOM's own input and change
 * events stay inside; and a disabled button isn't tapped.
 */
export class PhoneBackend extends CurrentWindowBackendContext {
  override setListenerStats(...[element, type, ...rest]: Parameters<CurrentWindowBackendContext["setListenerStats"]>) {
    if (type.startsWith("touch")) super.setListenerStats(element, type, ...rest);
  }

  override onEvent(listener: Parameters<CurrentWindowBackendContext["onEvent"]>[0]): void {
    super.onEvent((target, type, detail, options) => {
      if (type === "tap" && isDisabled(options.originalEvent)) return undefined;
      return listener(target, type, detail, options);
    });
  }
}

function isDisabled(event: unknown): boolean {
  return (
    event instanceof Event && event.target instanceof Element && event.target.closest("wx-button[disabled]") !== null
  );
}
