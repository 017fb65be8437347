// Draws the world's countries as SVG symbols from npm's world-atlas: Natural Earth, public domain. See README.md.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const OUT = join(ROOT, "src/Bioscope.Server/Dashboard/Data/world.svg");
const { geoNaturalEarth1, geoPath, geoCentroid } = await load("d3-geo", "3.1.2");
const { feature } = await load("topojson-client", "3.1.0");
const { presimplify, simplify } = await load("topojson-simplify", "3.0.3");

const WIDTH = 1000;
const codes = numericCodes();
const coarse = world("countries-110m.json", 0.12), fine = world("countries-50m.json", 0);
const projection = geoNaturalEarth1().rotate([-11, 0]);
const shown = coarse.filter(country => country.properties.name !== "Antarctica");
projection.fitWidth(WIDTH, { type: "FeatureCollection", features: shown });
const bounds = geoPath(projection).bounds({ type: "FeatureCollection", features: shown });
const height = Math.ceil(bounds[1][1]);

const symbols = [], land = [], dots = [];
for (const country of shown) {
  const path = draw(country);
  const code = codes.get(country.id);
  // Places without a code of their own are land, and nothing more.
  if (code) symbols.push(`<path id="${code}" d="${path}"/>`); else land.push(`<path d="${path}"/>`);
}

// Countries that are too small to be seen are a dot, which is drawn only where somebody comes from there.
const known = new Set(shown.map(country => country.id));
for (const country of fine) {
  const code = codes.get(country.id);
  if (!code || known.has(country.id) || country.properties.name === "Antarctica") continue;
  const [x, y] = projection(geoCentroid(country)).map(Math.round);
  dots.push(`<path id="${code}" d="M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"/>`);
}

writeFileSync(OUT, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}"><defs>${dots.sort().join("")}</defs><g id="world">${symbols.sort().join("")}${land.join("")}</g></svg>\n`);
console.log(`${symbols.length} countries, ${dots.length} dots, 0 0 ${WIDTH} ${height}`);

function load(name, version) {
  const folder = join(process.argv[2], "node_modules", name);
  const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  if (found !== version) throw new Error(`made for ${name} ${version}, this is ${found}`);
  return import(join(folder, existsSync(join(folder, "src")) ? "src/index.js" : `dist/${name}.mjs`));
}

function world(file, weight) {
  const topology = presimplify(JSON.parse(readFileSync(join(process.argv[2], "node_modules/world-atlas", file), "utf8")));
  return feature(simplify(topology, weight), topology.objects.countries).features;
}

/** Whole units, each point relative to the one before; points that do not move, and rings that are smaller than a unit, are left out. */
function draw(country) {
  const rings = [];
  geoPath(projection)(country).split("M").slice(1).forEach(ring => {
    const points = ring.replace("Z", "").split("L").map(point => point.split(",").map(Math.round));
    let [x, y] = points[0], text = `M${x} ${y}`, moves = "", sum = 0, last = "";
    for (const [nextX, nextY] of points.slice(1)) {
      const dx = nextX - x, dy = nextY - y;
      if (dx === 0 && dy === 0) continue;
      moves += (moves && dx >= 0 ? " " : "") + dx + (dy >= 0 ? " " : "") + dy;
      sum += Math.abs(dx) + Math.abs(dy);
      [x, y] = [nextX, nextY];
    }
    if (sum > 5) rings.push(`${text}l${moves}z`);
  });
  return rings.join("");
}

/** ISO 3166-1: numeric code to letters, from the names that Node.js knows. */
function numericCodes() {
  const text = `004AF008AL012DZ016AS020AD024AO028AG031AZ032AR036AU040AT044BS048BH050BD051AM052BB056BE060BM064BT068BO070BA072BW076BR084BZ
086IO090SB092VG096BN100BG104MM108BI112BY116KH120CM124CA132CV136KY140CF144LK148TD152CL156CN158TW162CX166CC170CO174KM175YT178CG180CD
184CK188CR191HR192CU196CY203CZ204BJ208DK212DM214DO218EC222SV226GQ231ET232ER233EE234FO238FK242FJ246FI248AX250FR254GF258PF262DJ266GA
268GE270GM275PS276DE288GH292GI296KI300GR304GL308GD312GP316GU320GT324GN328GY332HT336VA340HN344HK348HU352IS356IN360ID364IR368IQ372IE
376IL380IT384CI388JM392JP398KZ400JO404KE408KP410KR414KW417KG418LA422LB426LS428LV430LR434LY438LI440LT442LU446MO450MG454MW458MY462MV
466ML470MT474MQ478MR480MU484MX492MC496MN498MD499ME500MS504MA508MZ512OM516NA520NR524NP528NL531CW533AW534SX540NC548VU554NZ558NI562NE
566NG570NU574NF578NO580MP583FM584MH585PW586PK591PA598PG600PY604PE608PH612PN616PL620PT624GW626TL630PR634QA638RE642RO643RU646RW652BL
654SH659KN660AI662LC663MF666PM670VC674SM678ST682SA686SN688RS690SC694SL702SG703SK704VN705SI706SO710ZA716ZW724ES728SS729SD732EH740SR
748SZ752SE756CH760SY762TJ764TH768TG772TK776TO780TT784AE788TN792TR795TM796TC798TV800UG804UA807MK818EG826GB831GG832JE833IM834TZ840US
850VI854BF858UY860UZ862VE876WF882WS887YE894ZM`.replaceAll("\n", "");
  return new Map(text.match(/\d{3}[A-Z]{2}/g).map(pair => [pair.slice(0, 3), pair.slice(3)]));
}
