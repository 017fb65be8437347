// Turns the address ranges of Debian's tor-geoipdb into the one file that Bioscope.Core embeds (see README.md for its layout).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

const ROOT = join(import.meta.dirname, "..", "..");
const TABLE = join(ROOT, "src/Bioscope.Core/Countries/CountryTable.bin.br");
const NAMES = join(ROOT, "src/Bioscope.Core/Countries/CountryName.cs");
const VECTORS = join(ROOT, "tests/Bioscope.Core.Tests/Countries/country-vectors.txt");
const SPLIT = 255; // this /64 lies in several countries: ask the third table

/** What registries write instead of a country's own code. */
const RENAMED = new Map([["UK", "GB"]]);

/** No code of a country: unknown, regions of several countries, countries that have been divided since, and two that ISO does not list. */
const NO_COUNTRY = new Set(["??", "ZZ", "EU", "AP", "AN", "CS", "SU", "UN", "AB", "OS"]);

/** Addresses that nobody visits from; some networks announce them all the same. 6to4 is looked up by its IPv4 part. */
const NOBODY = [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
  "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
  "::/3", "2001::/32", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1",
].map(parseNetwork);

const known = new Set([...readFileSync(NAMES, "utf8").matchAll(/^ {8}([A-Z]{2}) \S/gm)].map(match => match[1]));
const check = process.argv[2] === "--check";
const directory = process.argv[check ? 3 : 2] ?? "/usr/share/tor";
const v4 = readRanges(join(directory, "geoip"), text => BigInt(text), 32n);
const v6 = readRanges(join(directory, "geoip6"), parseV6, 128n);
if (check) checkTable(); else makeTable();

function makeTable() {
  const codes = [...new Set([...v4.ranges, ...v6.ranges].map(range => range.code))].sort();
  assert(codes.length < SPLIT, "more codes than fit");
  const number = new Map(codes.map((code, i) => [code, i + 1]));
  const [high, fine] = splitV6(boundaries(v6.ranges, number));
  const sections = [boundaries(v4.ranges, number), high, fine];
  const bytes = Buffer.concat([
    Buffer.from(v4.made, "ascii"), Buffer.from([codes.length]), Buffer.from(codes.join(""), "ascii"), ...sections.map(pack),
  ]);
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(TABLE, packed);
  writeVectors();
  console.log(`${v4.made}: ${sections.map(section => section.length).join(" + ")} boundaries, ${codes.length} countries, `
    + `${bytes.length} bytes, ${packed.length} packed`);
}

/** The places at which the answer changes: [first address, number of the country or 0]. */
function boundaries(ranges, number) {
  const changes = [[0n, 0]];
  const change = (at, country) => {
    if (changes.at(-1)[0] === at) changes.pop();
    if (changes.at(-1)?.[1] !== country) changes.push([at, country]);
  };
  for (const { first, last, code } of ranges) {
    change(first, number.get(code));
    change(last + 1n, 0);
  }
  return changes;
}

/** IPv6 by its upper half, and the few /64s that need the lower half too. */
function splitV6(changes) {
  const high = [], fine = [];
  const put = (at, country) => { if (high.at(-1)?.[1] !== country || country === SPLIT) high.push([at, country]); };
  for (let i = 0; i < changes.length;) {
    const half = changes[i][0] >> 64n;
    let end = i;
    while (end < changes.length && changes[end][0] >> 64n === half) end++;
    const after = changes[end - 1][1];
    if (end === i + 1 && changes[i][0] === half << 64n) {
      put(half, after);
    } else {
      if (changes[i][0] !== half << 64n) fine.push([half << 64n, changes[i - 1][1]]);
      fine.push(...changes.slice(i, end));
      put(half, SPLIT);
      if (changes[end]?.[0] >> 64n !== half + 1n) put(half + 1n, after);
    }
    i = end;
  }
  return [high, fine];
}

/** How many, how far each is from the one before (zero bits at the end, then the rest in groups of seven bits), which country. */
function pack(changes) {
  const shifts = [], rests = [];
  let before = 0n;
  for (const [at] of changes) {
    let distance = at - before, shift = 0;
    assert(distance > 0n || at === 0n, "not in order");
    while (distance > 0n && (distance & 1n) === 0n) { distance >>= 1n; shift++; }
    shifts.push(shift);
    for (; distance > 127n; distance >>= 7n) rests.push(Number(distance & 127n) | 128);
    rests.push(Number(distance));
    before = at;
  }
  const count = Buffer.alloc(4);
  count.writeUInt32LE(changes.length);
  return Buffer.concat([count, Buffer.from(shifts), Buffer.from(changes.map(change => change[1])), Buffer.from(rests)]);
}

/** Reads the file as the server does, and asks it for both ends of every range and their neighbours outside. */
function checkTable() {
  const bytes = brotliDecompressSync(readFileSync(TABLE));
  let at = 11 + 2 * bytes[10];
  const codes = ["-", ...bytes.toString("ascii", 11, at).match(/../g)];
  const unpack = () => {
    const count = bytes.readUInt32LE(at), shifts = at + 4, countries = shifts + count, table = [];
    at = countries + count;
    for (let i = 0, key = 0n; i < count; i++) {
      let distance = 0n, groups = 0n;
      do { distance |= BigInt(bytes[at] & 127) << 7n * groups++; } while (bytes[at++] > 127);
      table.push([key += distance << BigInt(bytes[shifts + i]), bytes[countries + i]]);
    }
    return table;
  };
  const find = (table, key) => {
    let low = 0, high = table.length;
    while (high - low > 1) { const middle = (low + high) >> 1; if (table[middle][0] <= key) low = middle; else high = middle; }
    return table[low][1];
  };
  const tables = [unpack(), unpack(), unpack()];
  assert(at === bytes.length, "bytes left over");
  let asked = 0;
  for (const address of ends(v4)) ask(v4, address, find(tables[0], address));
  for (const address of ends(v6)) {
    const country = find(tables[1], address >> 64n);
    ask(v6, address, country === SPLIT ? find(tables[2], address) : country);
  }
  console.log(`${asked} addresses, no difference`);

  function ask(family, address, country) {
    asked++;
    assert(codes[country] === codeOf(family, address), `${format(family, address)} is ${codes[country]}, not ${codeOf(family, address)}`);
  }
}

function* ends({ ranges, bits }, step = 1) {
  for (let i = 0; i < ranges.length; i += step) {
    const { first, last } = ranges[i];
    if (first > 0n) yield first - 1n;
    yield first;
    if (last > first) yield last;
    if (last + 1n < 1n << bits) yield last + 1n;
  }
}

/** Straight from the ranges of the source. */
function codeOf({ ranges }, address) {
  let low = 0, high = ranges.length;
  while (low < high) { const middle = (low + high) >> 1; if (ranges[middle].last < address) low = middle + 1; else high = middle; }
  return low < ranges.length && ranges[low].first <= address ? ranges[low].code : "-";
}

function writeVectors() {
  const lines = [
    "# An address, a space, its country (- is none): both ends of some ranges and their neighbours outside.",
    `# Made by tools/geo/make-country-table.mjs from the data of ${v4.made}; its licence is in src/Bioscope.Core/Countries/CountryTable-LICENSE.txt.`,
  ];
  // The last ranges of the second are within /64s of several countries, which the step would hardly meet.
  const within = v6.ranges.filter(range => range.first & 0xffffn || (range.last & 0xffffn) !== 0xffffn);
  for (const [family, step] of [[v4, 1_999], [v6, 1_499], [{ ...v6, ranges: within }, 97]]) {
    for (const address of new Set(ends(family, step))) {
      lines.push(`${format(family, address)} ${codeOf(family.bits === 32n ? v4 : v6, address)}`);
    }
  }
  writeFileSync(VECTORS, lines.join("\n") + "\n");
}

function readRanges(path, parse, bits) {
  const text = readFileSync(path, "utf8"), ranges = [];
  const made = new Date(/^# Generated: (.+)$/m.exec(text)[1]).toISOString().slice(0, 10);
  assert(/^# License: +CC BY-SA 4\.0$/m.test(text), "another licence: read it before this data is used");
  let before = -1n;
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [start, end, written] = line.split(",");
    const first = parse(start), last = parse(end), code = RENAMED.get(written) ?? written;
    assert(first > before && last >= first && last < 1n << bits, `ranges out of order: ${line}`);
    before = last;
    if (NO_COUNTRY.has(code)) continue;
    assert(known.has(code), `${code} has no name in CountryName.cs`);
    for (const [from, to] of outside(first, last, NOBODY.filter(network => network.bits === bits))) ranges.push({ first: from, last: to, code });
  }
  return { made, ranges, bits };
}

/** What is left of a range without these networks. */
function outside(first, last, networks) {
  let parts = [[first, last]];
  for (const { start, end } of networks) {
    parts = parts.flatMap(([from, to]) => end < from || start > to ? [[from, to]]
      : [[from, start - 1n], [end + 1n, to]].filter(([a, b]) => a <= b));
  }
  return parts;
}

function parseNetwork(text) {
  const [address, length] = text.split("/"), six = address.includes(":"), bits = six ? 128n : 32n;
  const start = six ? parseV6(address) : address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  return { bits, start, end: start + (1n << bits - BigInt(length)) - 1n };
}

function parseV6(text) {
  const [before, after] = text.split("::");
  const groups = part => part ? part.split(":") : [];
  const head = groups(before), tail = groups(after);
  const middle = after === undefined ? [] : Array(8 - head.length - tail.length).fill("0");
  return [...head, ...middle, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function format({ bits }, address) {
  const part = (width, count) => Array.from({ length: count }, (_, i) => (address >> BigInt(width * (count - 1 - i))) & ((1n << BigInt(width)) - 1n));
  return bits === 32n ? part(8, 4).join(".") : part(16, 8).map(group => group.toString(16)).join(":");
}

function assert(condition, message) {
  if (!condition) { console.error(message); process.exit(1); }
}
