import type { Session } from "../wxpass/wxpass.js";

/** A signed-in device as the list shows it. */
export interface Device {
  id: string;
  name: string;
  /** System and version of WeChat, as far as they are known. */
  system: string;
  lastUsed: string;
  isCurrent: boolean;
}

/** Turns a session into the texts of the list. The server describes a device like `iPhone, iOS 17.5, WeChat 8.0.49`. */
export function describeSession(session: Session, now: Date): Device {
  const [name = "", ...rest] = (session.device ?? "").replace("WeChat", "微信").split(", ");
  return {
    id: session.id,
    name: name || "未知设备",
    system: rest.join(" · "),
    lastUsed: session.isCurrent ? "正在使用" : `${formatTime(session.lastUsedAt, now)}用过`,
    isCurrent: session.isCurrent,
  };
}

/** A moment in the past as people say it: 刚刚, 5 分钟前, 今天 08:30, 昨天 20:15, 3月8日 12:00, 2024年3月8日. */
export function formatTime(time: string, now: Date): string {
  const then = new Date(time);
  const minutes = Math.floor((now.getTime() - then.getTime()) / 60000);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  const clock = `${twoDigits(then.getHours())}:${twoDigits(then.getMinutes())}`;
  const days = daysBetween(then, now);
  if (days === 0) return `今天 ${clock}`;
  if (days === 1) return `昨天 ${clock}`;
  const date = `${then.getMonth() + 1}月${then.getDate()}日`;
  return then.getFullYear() === now.getFullYear() ? `${date} ${clock}` : `${then.getFullYear()}年${date}`;
}

function daysBetween(then: Date, now: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(then)) / 86400000);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
