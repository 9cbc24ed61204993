import { createWheel } from "./wheel.ts";

/** Three columns for year, month and day between two dates, which are written `YYYY-MM-DD` as the value is. */
export function dateWheels(value: string, start: string, end: string) {
  const first = /^\d{4}-\d\d-\d\d$/.test(start) ? start : "1900-01-01";
  const last = /^\d{4}-\d\d-\d\d$/.test(end) ? end : "2100-12-31";
  const given = /^\d{4}-\d\d-\d\d$/.test(value) ? value : today();
  const [year, month, day] = [yearOf(given), Number(given.slice(5, 7)), Number(given.slice(8))];
  const years = upTo(yearOf(first), yearOf(last));

  const fillDays = () =>
    days.fill(upTo(1, daysIn(yearOf(first) + yearWheel.index(), months.index() + 1)).map((n) => `${n}日`));
  const yearWheel = createWheel(
    years.map((n) => `${n}年`),
    year - yearOf(first),
    () => fillDays(),
  );
  const months = createWheel(
    upTo(1, 12).map((n) => `${n}月`),
    month - 1,
    () => fillDays(),
  );
  const days = createWheel(
    upTo(1, daysIn(year, month)).map((n) => `${n}日`),
    day - 1,
  );

  return {
    elements: [yearWheel.element, months.element, days.element],
    value() {
      const picked = `${years[yearWheel.index()]}-${twoDigits(months.index() + 1)}-${twoDigits(days.index() + 1)}`;
      if (picked < first) return first;
      return picked > last ? last : picked;
    },
  };
}

const yearOf = (date: string) => Number(date.slice(0, 4));
const twoDigits = (number: number) => String(number).padStart(2, "0");
const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate();
const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

function today(): string {
  const now = new Date();
  return `${now.getFullYear()}-${twoDigits(now.getMonth() + 1)}-${twoDigits(now.getDate())}`;
}
