// Makes one file of all calls that /docs shows, so that a compiler reads them: node snippets.mjs address ts|cs file.
import { writeFile } from "node:fs/promises";

const [address, language, file] = process.argv.slice(2);
const page = await (await fetch(address)).text();
const entities = { amp: "&", lt: "<", gt: ">", quot: '"' };
const decoded = (html) => html.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
  name ? entities[name] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)));
const calls = [...page.matchAll(new RegExp(`<pre class="call ${language}"[^>]*><code>(.*?)</code></pre>`, "gs"))].map(([, code]) => decoded(code));
if (calls.length < 50) throw new Error(`/docs shows only ${calls.length} calls.`);

const methods = calls.map((call, i) => language === "ts"
  ? `export async function call${i}(token: string, picture: Blob) {\n${call}\n}`
  : `    static async Task Call${i}(HttpClient http, string token, string refresh, byte[] picture)\n    {\n${call}\n    }`);
await writeFile(file, language === "ts"
  ? `${methods.join("\n")}\n`
  : `using System.Net.Http.Headers;\nstatic class Snippets\n{\n${methods.join("\n")}\n}\n`);
console.log(`/docs: ${calls.length} calls in ${language}.`);
