// The same list as an engineer writes it for Node.js: Fastify and better-sqlite3.
//   node fastify.js MODULES RECORDS PORT
const [modules, records, port] = process.argv.slice(2);
const { createRequire } = require("node:module");
const load = createRequire(`${modules}/`);
const Database = load("better-sqlite3");
const app = load("fastify")();

const database = new Database(records, { readonly: true });
const listed = database.prepare("SELECT json FROM documents WHERE type = ? ORDER BY position LIMIT ? OFFSET ?").pluck();
const counted = database.prepare("SELECT count(*) FROM documents WHERE type = ?").pluck();
const number = { type: "integer", minimum: 0 };
const querystring = {
  type: "object",
  required: ["type"],
  properties: { type: { type: "string" }, limit: { ...number, default: 100 }, offset: { ...number, default: 0 } },
};

app.get("/hypervisors", { schema: { querystring } }, (request, reply) => {
  const { type, limit, offset } = request.query;
  const rest = JSON.stringify({ total: counted.get(type), limit, offset });
  reply.type("application/json; charset=utf-8");
  return `{"items":[${listed.all(type, limit, offset).join(",")}],${rest.slice(1)}`;
});

app.listen({ host: "127.0.0.1", port: Number(port) });
