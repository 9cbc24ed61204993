import Bowser from "bowser";

/** Longer than any honest user agent. */
const maxLength = 512;

/** A readable guess at the device, such as `iPhone, iOS 17.5, WeChat 8.0.49`; null if the user agent tells nothing. */
export function describeDevice(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, maxLength));
  const parts = [
    platform.model,
    [os.name, os.versionName ?? os.version].filter(Boolean).join(" "),
    [browser.name, browser.version].filter(Boolean).join(" "),
  ];
  return parts.filter(Boolean).join(", ") || null;
}
