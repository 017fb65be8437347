// Takes the flags of countries out of npm's circle-flags (MIT), without the mask that makes them round: the page does that. See README.md.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const DATA = join(ROOT, "src/Bioscope.Server/Dashboard/Data");
const source = join(process.argv[2], "node_modules/circle-flags");
const found = JSON.parse(readFileSync(join(source, "package.json"), "utf8")).version;
if (found !== "2.8.3") throw new Error(`made for 2.8.3, this is ${found}`);

const frame = /^<svg [^>]*viewBox="0 0 512 512"[^>]*><mask id="a"><circle [^>]*\/><\/mask><g mask="url\(#a\)">(.*)<\/g><\/svg>\s*$/s;
const lines = [];
for (const file of readdirSync(join(source, "flags")).filter(name => /^[a-z]{2}\.svg$/.test(name)).sort()) {
  const inside = frame.exec(readFileSync(join(source, "flags", file), "utf8"))?.[1];
  // Styles would need an exception in the page's policy; ids would clash.
  if (!inside || /style=|\bid=|\n/.test(inside)) { console.log(`left out: ${file}`); continue; }
  lines.push(`${file.slice(0, 2).toUpperCase()} ${inside}`);
}

writeFileSync(join(DATA, "flags.txt"), lines.join("\n") + "\n");
console.log(`${lines.length} flags`);
