const key = "example.signedOut";

/** Whether the person has signed out on this device and wants to stay so. Without this, the next call would sign in again. */
export function isSignedOut(): boolean {
  return wx.getStorageSync(key) === true;
}

/** Remembers that the person has signed out, and shows the page for that. */
export function leave(reason: "signedOut" | "deleted"): void {
  wx.setStorageSync(key, true);
  wx.reLaunch({ url: `/pages/signed-out/signed-out?reason=${reason}` });
}

/** Forgets that the person has signed out. */
export function comeBack(): void {
  wx.removeStorageSync(key);
}
