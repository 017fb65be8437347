// Turns the regular expressions of npm's crawler-user-agents into plain words, so that the server needs no regular
// expression at all: one SearchValues<string> and a few StartsWith and EndsWith. See README.md for how to run it.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const VERSION = "1.60.0";
const ROOT = join(import.meta.dirname, "..", "..");
const WORDS = join(ROOT, "src/Bioscope.Core/UserAgents/bots.txt");
const LICENCE = join(ROOT, "src/Bioscope.Core/UserAgents/bots.LICENSE.txt");
const EXAMPLES = join(ROOT, "tests/Bioscope.Core.Tests/UserAgents/bot-instances.txt");

/** Patterns that we read differently from how they are written, and why. */
const REWRITTEN = new Map([
  // AdsBot-Google-Mobile stands in the list by itself, so "not followed by a dash" excludes no one.
  ["AdsBot-Google([^-]|$)", "AdsBot-Google"],
  // Any version will do.
  ["BlogTraffic\\/\\d\\.\\d+ Feed-Fetcher", "BlogTraffic\\/[\\s\\S]* Feed-Fetcher"],
  // Their previews say nothing but the name and version; an in-app browser appends it to a browser's text.
  ["Tumblr\\/", "^Tumblr\\/"],
  ["Viber", "^Viber"],
  ["WhatsApp", "^WhatsApp"],
  // Serial numbers and models end in these digits (TS1008/1.0).
  ["008\\/", "^008\\/"],
]);

// What a pattern may demand besides letters, while it is being expanded.
const START = "\u0001", END = "\u0002", GAP = "\u0003";

/** All the words that a pattern stands for: "[wW]get" is "wget" and "Wget". Throws on what words cannot say. */
function expand(pattern) {
  let at = 0;
  const words = alternatives();
  if (at < pattern.length) throw new Error(`unbalanced: ${pattern}`);
  return words;

  function alternatives() {
    const words = sequence();
    while (pattern[at] === "|") { at++; words.push(...sequence()); }
    return words;
  }

  function sequence() {
    let words = [""];
    while (at < pattern.length && !"|)".includes(pattern[at])) {
      const next = piece();
      words = words.flatMap(word => next.map(tail => word + tail));
    }
    return words;
  }

  function piece() {
    if (pattern.startsWith("[\\s\\S]*", at)) { at += 7; return [GAP]; }
    const c = pattern[at++];
    if (c === "^") return [START];
    if (c === "$") return [END];
    if (c === "(") { const inner = alternatives(); at++; return inner; }
    if (c === "[") {
      const end = pattern.indexOf("]", at), letters = pattern.slice(at, end);
      if (!/^[A-Za-z]+$/.test(letters)) throw new Error(`a class of more than letters: ${pattern}`);
      at = end + 1;
      return [...letters];
    }
    if (c === "\\" && !/[a-zA-Z0-9]/.test(pattern[at])) return [pattern[at++]];
    if (".*+?{}\\".includes(c)) throw new Error(`not a plain word, add it to REWRITTEN: ${pattern}`);
    return [c];
  }
}

/** Which section of the file a word belongs to, and how it is written there. */
function place(word) {
  const plain = word.replaceAll(/[\u0001-\u0003]/g, "");
  if (!/^[ -~]+$/.test(plain) || /^[#[]/.test(plain) || plain.includes("*")) throw new Error(`cannot be written: ${plain}`);
  const markers = word.replaceAll(/[^\u0001-\u0003]/g, "");
  if (markers === "") return ["anywhere", plain];
  if (markers === START && word.startsWith(START)) return ["start", plain];
  if (markers === END && word.endsWith(END)) return ["end", plain];
  if (markers === GAP) return ["in order", word.replace(GAP, "*")];
  throw new Error(`no section for: ${JSON.stringify(word)}`);
}

const directory = process.argv[2];
if (!directory) throw new Error("usage: node make-bot-list.mjs DIRECTORY_OF_THE_PACKAGE");
const found = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;
if (found !== VERSION) throw new Error(`made for ${VERSION}, this is ${found}: read README.md, "Updating"`);
const crawlers = JSON.parse(readFileSync(join(directory, "crawler-user-agents.json"), "utf8"));

const sections = { anywhere: new Set(), start: new Set(), end: new Set(), "in order": new Set() };
for (const { pattern } of crawlers) {
  const meant = REWRITTEN.get(pattern) ?? pattern;
  for (const word of expand(meant)) {
    const example = word.replaceAll(GAP, " ").replaceAll(/[\u0001\u0002]/g, "");
    if (!new RegExp(meant).test(example)) throw new Error(`${meant} does not match its own word ${example}`);
    const [section, text] = place(word);
    sections[section].add(text);
  }
}

const origin = `npm crawler-user-agents ${VERSION}, MIT, Copyright (c) 2017 Martin Monperrus`;
// A space at either end would not survive an editor, nor be seen by its reader.
const visible = word => word.replaceAll(/^ | $/g, "\u2423");
const lines = [
  "# How crawlers name themselves. Made by tools/bots/make-bot-list.mjs, do not edit.",
  `# From the patterns of ${origin}`,
  "# (licence in bots.LICENSE.txt). Case matters; \u2423 is a space; * in the last section is any text.",
];
for (const [section, words] of Object.entries(sections)) lines.push("", `[${section}]`, ...[...words].sort().map(visible));
writeFileSync(WORDS, lines.join("\n") + "\n");
copyFileSync(join(directory, "LICENSE"), LICENCE);

const examples = [...new Set(crawlers.flatMap(crawler => crawler.instances.map(text => text.trim())))];
const header = `# User agents that crawlers sent, one a line: the "instances" of\n# ${origin}\n`
  + "# (licence in src/Bioscope.Core/UserAgents/bots.LICENSE.txt). Made by tools/bots/make-bot-list.mjs.\n";
writeFileSync(EXAMPLES, header + examples.join("\n") + "\n");

const counts = Object.entries(sections).map(([section, words]) => `${words.size} ${section}`).join(", ");
console.log(`${crawlers.length} patterns: ${counts}; ${examples.length} examples`);
