import { httpAddress, onThisMachine } from "../../hosts.js";
import { version } from "../../version.js";
import { type Check, fault, ok, skipped } from "./finding.js";
import { whyNoAnswer } from "./network-fault.js";

/** Whether the server that runs on this machine is of this command's version, which only its metrics tell. */
export const checkVersion: Check = async ({ metrics, host, port }, { fetch }) => {
  if (!metrics)
    return [
      skipped("METRICS 没有打开，问不到正在运行的版本", "METRICS is off, so the version that runs can't be asked for"),
    ];
  const url = `${httpAddress(onThisMachine(host), port)}/metrics`;
  try {
    const text = await (await fetch(url)).text();
    const running = /^wxpass_build_info\{version="([^"]{1,40})"\}/m.exec(text)?.[1];
    if (running === version)
      return [ok(`正在运行的是 ${version}，与本命令相同`, `${version} runs, as this command is`)];
    if (running === undefined) return [skipped(`${url} 没有版本信息`, `${url} tells no version`)];
    return [
      fault(
        {
          zh: `正在运行的是 ${running}，本命令是 ${version}`,
          en: `${running} runs, and this command is of ${version}`,
        },
        { zh: "重启服务，让新版本上线", en: "Restart the server, so that the new version serves" },
      ),
    ];
  } catch (error) {
    const why = whyNoAnswer(error);
    return [skipped(`${url} 连不上：${why.zh}`, `${url} isn't reached: ${why.en}`)];
  }
};
