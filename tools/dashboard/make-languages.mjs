// Writes down how languages write numbers and dates, as Node.js knows it from Unicode's CLDR. See README.md.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const OUT = join(import.meta.dirname, "..", "..", "src/Bioscope.Core/Languages/languages.txt");
const TAGS = `af am ar ar-EG ar-SA as az be bg bn bs ca cs cy da de de-AT de-CH el en en-AU en-CA en-GB en-IE en-IN en-NZ en-ZA es es-AR es-CL es-CO
es-MX es-US et eu fa fi fil fr fr-BE fr-CA fr-CH ga gl gu he hi hr hu hy id is it it-CH ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nl-BE
nn no or pa pl ps pt pt-PT ro ru si sk sl so sq sr sr-Latn sv sw ta te th tk tr uk ur uz vi yo zh zh-HK zh-TW zu`.split(/\s+/);
if (!process.versions.cldr.startsWith("48")) throw new Error(`made with CLDR 48, this Node.js has ${process.versions.cldr}`);

const months = Array.from({ length: 12 }, (_, i) => new Date(Date.UTC(2026, i, 9)));
const weekdays = Array.from({ length: 7 }, (_, i) => new Date(Date.UTC(2026, 10, 1 + i))); // a Sunday first
const lines = TAGS.map(tag => {
  const number = (options, value) => new Intl.NumberFormat(tag, options).formatToParts(value);
  const part = (parts, type) => parts.find(p => p.type === type)?.value ?? "";
  const big = number({}, 12345678.5);
  const integers = big.filter(p => p.type === "integer").map(p => [...p.value].length);
  const digits = [...new Intl.NumberFormat(tag, { useGrouping: false }).format(9876543210)].reverse().join("");
  return [
    tag,
    digits === "0123456789" ? "" : digits,
    part(big, "group"),
    part(big, "decimal"),
    integers.at(-2) === 2 ? 2 : 3, // how many digits the groups after the first three have
    number({}, 1234).some(p => p.type === "group") ? 1 : 2, // how many digits must stand before the first group
    number({ style: "percent" }, 0.12).map(p => p.type === "integer" ? "{n}" : p.value).join(""),
    pattern({ day: "numeric", month: "short" }),
    pattern({ weekday: "short", day: "numeric", month: "short", year: "numeric" }),
    names({ day: "numeric", month: "short" }, months, "month").join(";"),
    names({ weekday: "short", day: "numeric", month: "short", year: "numeric" }, weekdays, "weekday").join(";"),
    pattern({ hour: "numeric", minute: "2-digit" }),
    names({ hour: "numeric", minute: "2-digit" }, [3, 15].map(hour => new Date(Date.UTC(2026, 0, 1, hour))), "dayPeriod").join(";"),
    pattern({ day: "numeric", month: "short", year: "numeric" }),
  ].map(field => String(field).replaceAll("|", "")).join("|");

  function parts(options, date) {
    return new Intl.DateTimeFormat(`${tag}-u-ca-gregory`, { timeZone: "UTC", ...options }).formatToParts(date);
  }

  /** Such as "{d} {M}" or "{H}:{mm}". */
  function pattern(options) {
    return parts(options, new Date(Date.UTC(2026, 2, 4, 15, 6))).map(({ type, value }) => ({
      day: [...value].length === 2 ? "{dd}" : "{d}",
      month: "{M}",
      year: "{y}",
      weekday: "{E}",
      hour: hourOf(options),
      minute: "{mm}",
      dayPeriod: "{a}",
    })[type] ?? value).join("");
  }

  /** {H} or {HH}: 24 hours; {h}: 12. */
  function hourOf(options) {
    const digits = part(parts(options, new Date(Date.UTC(2026, 2, 4, 3))), "hour");
    return new Intl.DateTimeFormat(tag, options).resolvedOptions().hour12 ? "{h}" : [...digits].length === 2 ? "{HH}" : "{H}";
  }

  function names(options, dates, type) {
    const found = dates.map(date => part(parts(options, date), type));
    return found.every(name => name === "") ? [] : found;
  }
});

writeFileSync(OUT, `# How languages write numbers and dates. Made by tools/dashboard from Unicode CLDR 48, see languages.LICENSE.txt.
# tag|digits|group|decimal|size of groups|digits before the first group|percent|day|long day|months|weekdays|time|halves of the day|day and year
${lines.join("\n")}
`);
console.log(`${lines.length} languages`);
