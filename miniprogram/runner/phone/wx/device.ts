import type { Boot } from "../../protocol.ts";
import { wxFunction } from "./callbacks.ts";

type NetworkListener = (status: { isConnected: boolean; networkType: string }) => void;

/** What a program can learn of the phone that it runs on. */
export function createDevice(boot: Boot) {
  const listeners = new Set<NetworkListener>();
  let isConnected = true;
  const networkType = () => (isConnected ? "wifi" : "none");

  const wx = {
    getNetworkType: wxFunction("getNetworkType", () => ({ networkType: networkType() })),
    onNetworkStatusChange: (listener: NetworkListener) => void listeners.add(listener),
    offNetworkStatusChange: (listener?: NetworkListener) =>
      void (listener ? listeners.delete(listener) : listeners.clear()),
    getAccountInfoSync: () => ({ miniProgram: { appId: boot.appId, envVersion: "develop", version: "" } }),
    getWindowInfo() {
      const { innerWidth: width, innerHeight: height, devicePixelRatio: pixelRatio } = window;
      return {
        pixelRatio,
        screenWidth: width,
        screenHeight: height,
        windowWidth: width,
        windowHeight: height - 88,
        statusBarHeight: 44,
        screenTop: 88,
        safeArea: { left: 0, right: width, top: 44, bottom: height, width, height: height - 44 },
      };
    },
    getAppBaseInfo: () => ({ SDKVersion: "3.8.0", language: "zh_CN", theme: "light", version: "8.0.54" }),
    getDeviceInfo: () => ({ platform: "devtools", brand: "devtools", model: "iPhone X", system: "iOS 17.5" }),
    nextTick: (callback: () => void) => void setTimeout(callback, 0),
  };
  return {
    wx,
    setConnected(connected: boolean): void {
      isConnected = connected;
      for (const listener of listeners) listener({ isConnected, networkType: networkType() });
    },
  };
}
