// Renews src/schema.d.ts from a server's document: node scripts/types.mjs [address of openapi.json] [file to write].
// Only the operations of this package, so that other changes of the API do not change it.
import { writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const [address = "http://localhost:5000/openapi.json", file = new URL("../src/schema.d.ts", import.meta.url)] = process.argv.slice(2);
const operations = { traffic: "get", query: "post", sources: "get" };

const response = await fetch(address);
if (!response.ok) throw new Error(`${address} answered ${response.status}.`);
const { openapi, info, paths, components } = await response.json();

const kept = {};
for (const [name, method] of Object.entries(operations)) {
  const path = `/api/v1/creators/analytics/${name}`;
  kept[path] = { [method]: paths[path][method] };
}

const used = {};
const use = (node) => {
  if (node === null || typeof node !== "object") return;
  const [, kind, name] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(node.$ref ?? "") ?? [];
  if (kind && used[kind]?.[name] === undefined) {
    (used[kind] ??= {})[name] = components[kind][name];
    use(components[kind][name]);
  }
  Object.entries(node).filter(([key]) => key !== "example" && key !== "examples").forEach(([, child]) => use(child));
};
use(kept);

const inOrder = (given) => Object.fromEntries(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)));
const sorted = Object.fromEntries(Object.entries(inOrder(used)).map(([kind, all]) => [kind, inOrder(all)]));
const types = await openapiTS({ openapi, info, paths: kept, components: sorted });
await writeFile(file, `// Made by "npm run types" from the server's document. Do not edit.\n\n${astToString(types)}`);
