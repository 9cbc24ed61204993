import { statSync } from "node:fs";
import { type Check, warning } from "./finding.js";

/** Whether the command runs as the server does: what another user may do says nothing of what the server may. */
export const checkUser: Check = async ({ database, storage }) => {
  const uid = process.getuid?.();
  const places = [
    ...(database.driver === "sqlite" ? [database.file] : []),
    ...(storage.kind === "disk" ? [storage.folder] : []),
  ];
  const others = places.filter((place) => (statSync(place, { throwIfNoEntry: false })?.uid ?? uid) !== uid);
  return others.map((place) =>
    warning(
      {
        zh: `${place} 属于另一个系统用户，服务能不能写，以当前用户的身份试不出来`,
        en: `${place} belongs to another user of the system, so what the server may do there isn't tried`,
      },
      { zh: "请以运行服务的那个用户再运行一次", en: "Run this again as the user who runs the server" },
    ),
  );
};
