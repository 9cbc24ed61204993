import { type Check, ok, warning } from "./finding.js";

/** What the settings themselves give reason to warn of. Values that can't be right end the command before. */
export const checkSettings: Check = async ({ production, warnings }) => {
  const findings = warnings.map((text) => warning(text, mend));
  if (!production) findings.push(warning(development, setProduction));
  return findings.length > 0 ? findings : [ok("没有需要提醒的", "there is nothing to warn of")];
};

const mend = { zh: "改好配置后重启服务", en: "Mend the setting, and restart the server" };

const development = {
  zh: "NODE_ENV 不是 production：这是开发环境，以下结果不能说明上线后的情况",
  en: "NODE_ENV isn't production: what follows is about a server for development, and not about a launch",
};

const setProduction = {
  zh: "上线前请用生产环境的配置再运行一次",
  en: "Before the launch run this with the settings of production",
};
