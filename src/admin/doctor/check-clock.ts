import type { Clock } from "./clocks.js";
import { type Finding, fault, ok, skipped } from "./finding.js";

/** By which this machine's clock may be off: signatures of S3 hold for minutes, answers come with whole seconds. */
const maxSkewMs = 30_000;

/** Compares this machine's clock with WeChat's, or, where that wasn't told, with another one: that of PUBLIC_URL may be this machine's own. */
export function checkClock(clocks: readonly Clock[], wechatUrl: string): Finding[] {
  const clock = clocks.find(({ host }) => host === new URL(wechatUrl).host) ?? clocks[0];
  if (!clock) return [skipped("没有任何应答带来时间，无从对表", "no answer told the time")];
  const { host, skewMs } = clock;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= maxSkewMs) return [ok(`与 ${host} 相差 ${seconds} 秒`, `${seconds} s from that of ${host}`)];
  const direction = skewMs > 0 ? { zh: "快", en: "ahead of" } : { zh: "慢", en: "behind" };
  return [
    fault(
      { zh: `比 ${host} ${direction.zh} ${seconds} 秒`, en: `${seconds} s ${direction.en} that of ${host}` },
      {
        zh: "请打开时间同步，例如 timedatectl set-ntp true",
        en: "Have the system keep the time, for example with timedatectl set-ntp true",
      },
    ),
  ];
}
