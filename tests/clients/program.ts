// What a user writes with openapi-typescript and openapi-fetch. It prints what it is answered, as JSON.

import createClient from "openapi-fetch";
import { baseUrl } from "./address.js";
import type { components, paths } from "./contract.js";

type Problem = components["schemas"]["Problem"];

const { GET } = createClient<paths>({ baseUrl });

/** Narrow the type of an answer, as a user must. */
function expect<Data>({ data, error }: { data?: Data; error?: unknown }): Data {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const page = expect(
  await GET("/hypervisors", { params: { query: { type: ["bare-metal"], facet: ["status"], limit: 2 } } }),
);
const entry = expect(await GET("/hypervisors/{id}", { params: { path: { id: "esxi" }, query: { lang: "zh" } } }));
const lookup = expect(
  await GET("/lookup", { params: { query: { value: ["vmware"], scheme: ["systemd-detect-virt"] } } }),
);
const hits = expect(await GET("/search", { params: { query: { q: "容器", limit: 1 } } }));
const table = expect(await GET("/hypervisors.csv", { params: { query: { type: ["hosted"] } }, parseAs: "text" }));
const whole = expect(await GET("/export"));
const skos: Record<string, unknown> = expect(await GET("/export.jsonld"));
const archive = expect(await GET("/export.zip", { parseAs: "arrayBuffer" }));
const missing = await GET("/hypervisors/{id}", { params: { path: { id: "virtualbax" } } });
const refused = await GET("/hypervisors", { params: { query: { limit: 0 } } });
const etag = (await GET("/hypervisors")).response.headers.get("ETag") ?? "";
const unchanged = await GET("/hypervisors", { headers: { "If-None-Match": etag } });
// @ts-expect-error: no such filter
const filter: paths["/hypervisors"]["get"]["parameters"]["query"] = { typ: ["hosted"] };
// @ts-expect-error: no such type
const type: components["schemas"]["HypervisorTypeId"] = "type-1";

const explain = (problem?: Problem) => [problem?.status, problem?.errors[0]];

console.log(
  JSON.stringify({
    page: page.items.map(({ id }) => id),
    facets: page.facets["status"],
    entry: [entry.id, entry.labels["zh"]],
    lookup: lookup.results.map(({ match, items }) => [match, items.map(({ id }) => id)]),
    hits: hits.items.map(({ id, matched }) => [id, matched.map(({ field }) => field)]),
    table: table.split("\r\n").map((line) => line.split(",")[0]),
    export: whole.concepts.map(({ id }) => id),
    skos: Object.keys(skos),
    archive: archive.byteLength > 0,
    missing: explain(missing.error),
    refused: explain(refused.error),
    unchanged: unchanged.response.status,
    mistakes: [filter, type],
  }),
);
