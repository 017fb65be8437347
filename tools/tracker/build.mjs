// Minifies the tracker's script. See README.md for how to run it.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { minify } from "terser";

const FOLDER = join(import.meta.dirname, "..", "..", "src/Bioscope.Server/Tracking");
const options = JSON.parse(readFileSync(join(import.meta.dirname, "terser.json"), "utf8"));

// A checkout may have other line ends.
const source = readFileSync(join(FOLDER, "bioscope.js"), "utf8").replaceAll("\r\n", "\n");
const minified = (await minify(source, options)).code + "\n";
writeFileSync(join(FOLDER, "bioscope.min.js"), minified);

const line = (name, text) => `${createHash("sha256").update(text).digest("hex")}  ${name}\n`;
writeFileSync(join(FOLDER, "bioscope.sha256"), line("bioscope.js", source) + line("bioscope.min.js", minified));

console.log(`${minified.length} bytes, gzip ${gzipSync(minified, { level: 9 }).length}, Brotli ${brotliCompressSync(minified).length}`);
