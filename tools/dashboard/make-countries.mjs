// Writes down what countries are called in the dashboard's languages, as Node.js knows it from Unicode's CLDR. See README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CORE = join(import.meta.dirname, "..", "..", "src/Bioscope.Core");
// English names are those of CountryName.cs, which is also the list of codes.
const TAGS = ["es", "pt-BR", "fr", "de", "tr", "id", "ja", "hi", "ar"];
if (!process.versions.cldr.startsWith("48")) throw new Error(`made with CLDR 48, this Node.js has ${process.versions.cldr}`);

const codes = [...readFileSync(join(CORE, "Countries/CountryName.cs"), "utf8").matchAll(/^ {8}([A-Z]{2}) \S/gm)].map(match => match[1]);
const names = style => TAGS.map(tag => new Intl.DisplayNames([tag], { type: "region", style, fallback: "none" }));
// Short names are the usual ones (Hong Kong), but for two countries they are abbreviations.
const [short, long] = [names("short"), names("long")];
const lines = codes.map(code => [code, ...(["GB", "US"].includes(code) ? long : short).map(name => {
  const text = name.of(code);
  if (!text) throw new Error(`no name for ${code}`);
  return text;
})].join("|"));

writeFileSync(join(CORE, "Languages/countries.txt"), `# What countries are called. Made by tools/dashboard from Unicode CLDR 48, see languages.LICENSE.txt.
code|${TAGS.join("|")}
${lines.join("\n")}
`);
console.log(`${lines.length} countries`);
