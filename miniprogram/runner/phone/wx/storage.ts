import type { Bridge } from "../bridge.ts";

/** `wx.setStorageSync` and its like. What is kept outlives the program. */
export function createStorage(kept: Record<string, string>, bridge: Bridge) {
  const values = new Map(Object.entries(kept));
  return {
    /** WeChat gives an empty text for what isn't there. */
    getStorageSync: (key: string): unknown => JSON.parse(values.get(key) ?? '""'),
    setStorageSync(key: string, data: unknown): void {
      if (data === undefined) throw new TypeError("setStorageSync:fail data should not be undefined");
      const value = JSON.stringify(data);
      values.set(key, value);
      bridge("store", { key, value });
    },
    removeStorageSync(key: string): void {
      values.delete(key);
      bridge("store", { key, value: null });
    },
    clearStorageSync(): void {
      for (const key of values.keys()) bridge("store", { key, value: null });
      values.clear();
    },
  };
}
