import sharp from "sharp";
import type { Failure, Picture } from "../protocol.ts";

interface SimulatorPersonOptions {
  person: string;
  simulatorUrl: string;
  appId: string;
}

/** The AppID of a program that DevTools has opened without one. */
const tourist = "touristappid";

type Code = { code: string } | { failure: Failure };

/** Asks the WeChat simulator for what WeChat gives to a phone: codes, each good once, and the person's own picture. */
export function createSimulatorPerson({ person, simulatorUrl, appId }: SimulatorPersonOptions) {
  async function issue(what: string): Promise<Code> {
    try {
      const response = await fetch(
        `${simulatorUrl}/simulator/${what}?${new URLSearchParams({ person, appid: appId })}`,
      );
      const { code, errcode, errmsg }: Record<string, string> = await response.json();
      return code === undefined ? { failure: { errMsg: `fail ${errcode} ${errmsg}` } } : { code };
    } catch {
      return { failure: { errMsg: "fail errcode:-102 error_msg:net::ERR_CONNECTION_REFUSED", errno: 600001 } };
    }
  }

  return {
    loginCode: async (): Promise<Code> =>
      appId === tourist ? { code: "the code is a mock one" } : issue("login-code"),
    phoneCode: async (): Promise<Code> =>
      appId === tourist ? { failure: { errMsg: "fail no permission", errno: 102 } } : issue("phone-code"),
    phoneNumber: async () => ({ number: "19900000000" }),
    avatar: () => drawAvatar(person),
  };
}

/** A picture with the person's initial. */
async function drawAvatar(person: string): Promise<Picture> {
  const hue = [...person].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0) * 37, 0) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="640"><rect width="640" height="640" fill="hsl(${hue} 45% 60%)"/>
    <circle cx="320" cy="250" r="120" fill="#fff"/><path d="M80 640a240 240 0 0 1 480 0z" fill="#fff"/></svg>`;
  const image = await sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
  return { fileName: "wechat.jpeg", type: "image/jpeg", content: image.toString("base64") };
}
