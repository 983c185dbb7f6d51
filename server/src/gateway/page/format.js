// Numbers and times in words, in the reader's own locale.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const fullDate = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/// `14:05`
export const timeOfDay = (millis) => clock.format(millis);

/// Date and time to the second, for titles.
export const exactly = (millis) => full.format(millis);

/// Which day a time falls on, to tell days apart.
export const dayKey = (millis) => new Date(millis).toDateString();

/// `Today`, `Yesterday`, or the date.
export function day(millis, now = Date.now()) {
  if (dayKey(millis) === dayKey(now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  return dayKey(millis) === yesterday.toDateString() ? "Yesterday" : fullDate.format(millis);
}

/// The time for today, the date for other days: as short as a list needs it.
export function shortTime(millis, now = Date.now()) {
  return dayKey(millis) === dayKey(now) ? clock.format(millis) : date.format(millis);
}

/// `1.4 MB`
export function bytes(size) {
  if (!Number.isFinite(size) || size < 0) return "";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = size;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/// Seconds as `1:07`.
export function duration(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
