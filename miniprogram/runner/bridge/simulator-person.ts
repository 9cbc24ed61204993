import sharp from "sharp";
import type { Failure, Picture } from "../protocol.ts";

interface SimulatorPersonOptions {
  person: string;
  phoneNumber: string;
  simulatorUrl: string;
  appId: string;
}

/** The AppID of a program that DevTools has opened without one. */
const tourist = "touristappid";

const noPermission: Failure = { errMsg: "fail no permission", errno: 102 };

type Code = { code: string } | { failure: Failure };

/** Asks the WeChat simulator for what WeChat gives to a phone: codes, each good once, and the person's own picture. */
export function createSimulatorPerson({ person, phoneNumber, simulatorUrl, appId }: SimulatorPersonOptions) {
  async function issue(what: string, more: Record<string, string> = {}): Promise<Code> {
    try {
      const response = await fetch(
        `${simulatorUrl}/simulator/${what}?${new URLSearchParams({ person, appid: appId, ...more })}`,
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
    phoneCode: () => issue("phone-code", { phone: phoneNumber }),
    phoneNumber: async () => (appId === tourist ? { failure: noPermission } : { number: phoneNumber }),
    avatar: () => drawAvatar(person),
  };
}

/** A picture of somebody, in a colour that goes with the name. Drawn dot by dot, since a server under test in this process reads no SVG. */
async function drawAvatar(person: string): Promise<Picture> {
  const seed = [...person].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  const ground = [96 + ((seed * 53) % 96), 96 + ((seed * 97) % 96), 96 + ((seed * 151) % 96)];
  const size = 640;
  const dots = Buffer.alloc(size * size * 3);
  for (let at = 0; at < size * size; at++) {
    const [x, y] = [at % size, Math.floor(at / size)];
    const isPerson = Math.hypot(x - 320, y - 240) < 110 || Math.hypot(x - 320, y - 640) < 230;
    dots.set(isPerson ? [250, 250, 250] : ground, at * 3);
  }
  const image = await sharp(dots, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  return { fileName: "wechat.jpeg", type: "image/jpeg", content: image.toString("base64") };
}
