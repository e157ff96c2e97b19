/** As much of OpenAPI 3.1 as is looked at. */
export interface OpenApi {
  openapi: string;
  info: { title?: string; version?: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, unknown>; securitySchemes?: Record<string, unknown> };
}

interface Operation {
  operationId?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: unknown }[];
  requestBody?: { content?: Record<string, { schema?: unknown }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>;
  security?: Record<string, string[]>[];
}

const methods = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);
const schemaTypes = new Set(["null", "boolean", "object", "array", "number", "string", "integer"]);

/** What is wrong with a document, by OpenAPI 3.1.0 and JSON Schema 2020-12. */
export function faultsOf(document: OpenApi): string[] {
  const faults: string[] = [];
  if (!/^3\.1\.\d+$/.test(document.openapi)) faults.push(`openapi is ${document.openapi}`);
  if (!document.info.title || !document.info.version) faults.push("info has no title or version");
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith("/")) faults.push(`${path} does not begin with a slash`);
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method.toUpperCase()} ${path}`;
      if (!methods.has(method)) faults.push(`${where}: no such method`);
      faults.push(...operationFaults(document, path, operation).map((fault) => `${where}: ${fault}`));
    }
  }
  return [...faults, ...schemaFaults(document, document, "#")];
}

function operationFaults(document: OpenApi, path: string, operation: Operation): string[] {
  const faults: string[] = [];
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
  const inTemplate = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  if (inPath.toSorted().join() !== inTemplate.toSorted().join()) faults.push(`path parameters ${inPath.join()}`);
  for (const parameter of parameters) {
    if (!["path", "query", "header", "cookie"].includes(parameter.in)) faults.push(`parameter in ${parameter.in}`);
    if (parameter.in === "path" && parameter.required !== true) faults.push(`${parameter.name} is not required`);
    if (parameter.schema === undefined) faults.push(`${parameter.name} has no schema`);
  }
  const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
  if (new Set(keys).size !== keys.length) faults.push("a parameter twice");
  const responses = Object.entries(operation.responses ?? {});
  if (!responses.some(([status]) => status.startsWith("2"))) faults.push("no good response");
  for (const [status, response] of responses) {
    if (!/^([1-5]\d\d|[1-5]XX|default)$/.test(status)) faults.push(`response ${status}`);
    if (typeof response.description !== "string") faults.push(`response ${status} has no description`);
  }
  for (const name of (operation.security ?? []).flatMap(Object.keys)) {
    if (document.components?.securitySchemes?.[name] === undefined) faults.push(`no security scheme ${name}`);
  }
  return faults;
}

/** References that lead nowhere, and keywords that were so in OpenAPI 3.0 alone. */
function schemaFaults(document: OpenApi, node: unknown, at: string): string[] {
  if (node === null || typeof node !== "object") return [];
  const faults: string[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === "$ref" && typeof value === "string" && resolve(document, value) === undefined) faults.push(`${at}: ${value}`);
    if (key === "nullable" || (key.startsWith("exclusive") && typeof value === "boolean")) faults.push(`${at}: ${key} of 3.0`);
    if (key === "type" && at.endsWith("schema")) {
      const types: unknown[] = Array.isArray(value) ? value : [value];
      faults.push(...types.filter((type) => !schemaTypes.has(String(type))).map((type) => `${at}: type ${String(type)}`));
    }
    faults.push(...schemaFaults(document, value, `${at}/${key}`));
  }
  return faults;
}

function resolve(document: OpenApi, reference: string): unknown {
  let node: unknown = document;
  for (const name of reference.replace(/^#\//, "").split("/")) {
    node = node !== null && typeof node === "object" && name in node ? (node as Record<string, unknown>)[name] : undefined;
  }
  return node;
}

/** `METHOD /path` of every operation. */
export function operationsOf({ paths }: OpenApi): string[] {
  return Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
}
