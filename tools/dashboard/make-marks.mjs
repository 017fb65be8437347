// Takes the marks of the sources in src/Bioscope.Core/Sources/sources.txt out of npm's simple-icons (CC0). See README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const DATA = join(ROOT, "src/Bioscope.Server/Dashboard/Data");
const require = createRequire(join(process.argv[2], "package.json"));
const versions = [["simple-icons", "16.37.0"], ["simple-icons-9", "9.0.0"]]; // marks that are not in the newest are in an old one
const icons = versions.map(([name, version]) => {
  const found = JSON.parse(readFileSync(join(process.argv[2], "node_modules", name, "package.json"), "utf8")).version;
  if (found !== version) throw new Error(`made for ${name} ${version}, this is ${found}`);
  return require(name);
});

const marks = new Map();
for (const line of readFileSync(join(ROOT, "src/Bioscope.Core/Sources/sources.txt"), "utf8").split("\n")) {
  const mark = line.startsWith("#") ? undefined : line.split("|")[1]?.trim();
  if (!mark || mark === "-") continue;
  const key = "si" + mark[0].toUpperCase() + mark.slice(1);
  const icon = icons.map(list => list[key]).find(Boolean);
  if (!icon) throw new Error(`no mark called ${mark}`);
  marks.set(mark, `${mark} ${icon.hex.toLowerCase()} ${icon.path}`);
}

writeFileSync(join(DATA, "marks.txt"), [...marks.values()].sort().join("\n") + "\n");
console.log(`${marks.size} marks`);
