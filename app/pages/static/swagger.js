// Starts Swagger UI. In its address, `#/{tag}/{operation}?{parameters}`, the parameters fill in that operation's form.

/** @typedef {{ name: string, in: string, schema?: { type?: string }, example?: unknown }} Parameter */
/** @typedef {{ operationId: string, parameters?: Parameter[] }} Operation */
/** @typedef {{ paths: Record<string, Record<string, Operation>> }} Contract */

/**
 * Make a call's parameters the examples of an operation, and remove its others; forms are filled in with the examples.
 * @param {Contract} contract
 * @param {string} id
 * @param {URLSearchParams} given
 */
function setExamples(contract, id, given) {
  const operations = Object.values(contract.paths).flatMap((path) => Object.values(path));
  for (const parameter of operations.find(({ operationId }) => operationId === id)?.parameters ?? []) {
    const values = given.getAll(parameter.name);
    if (values.length === 0) delete parameter.example;
    else parameter.example = parameter.schema?.type === "array" ? values : values[0];
  }
}

const [operation, parameters] = location.hash.split("?");
// Swagger UI itself reads only the operation.
if (parameters !== undefined) history.replaceState(null, "", operation);

/** A plug-in for Swagger UI that changes the contract before it is shown. */
const fillIn = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec:
          (/** @type {(contract: Contract) => unknown} */ update) => (/** @type {Contract} */ contract) => {
            if (parameters !== undefined) {
              setExamples(contract, operation.split("/").at(-1) ?? "", new URLSearchParams(parameters));
            }
            return update(contract);
          },
      },
    },
  },
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const showColours = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
showColours();
dark.addEventListener("change", showColours);

// @ts-expect-error: Swagger UI's script defines it.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  plugins: [fillIn],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  showExtensions: true,
  showCommonExtensions: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
