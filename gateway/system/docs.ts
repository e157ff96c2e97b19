import { html, raw } from "hono/html";

import { problems } from "../problem.ts";

type Html = ReturnType<typeof html>;
type Content = Record<string, { schema?: unknown }>;

/** The parts of an OpenAPI 3.1 document that the page shows. */
export interface ApiDocument {
  info: { title: string; version: string };
  paths?: Record<string, object>;
  components?: { schemas?: Record<string, unknown> };
}

interface Operation {
  summary?: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: unknown }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

/** The OpenAPI document as one page of plain HTML: no script, no other host. */
export function docsPage(document: ApiDocument): Html {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]: [string, Operation]) => ({ method, path, operation })),
  );
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? "System");
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title}</title>
        <link rel="stylesheet" href="/docs.css" />
      </head>
      <body>
        <header>
          <h1>${document.info.title} <small>${document.info.version}</small></h1>
          <p>Generated from the schemas that check the requests. As a document: <a href="/openapi.json">openapi.json</a>.</p>
        </header>
        <main>
          ${[...byTag].map(
            ([tag, list]) =>
              html`<section>
                <h2>${tag}</h2>
                ${list.map(operationView)}
              </section>`,
          )}
          <section>
            <h2>Schemas</h2>
            ${Object.entries(document.components?.schemas ?? {}).map(schemaView)}
          </section>
          <section>
            <h2>Errors</h2>
            ${errorTable()}
          </section>
        </main>
      </body>
    </html>`;
}

function operationView({ method, path, operation }: { method: string; path: string; operation: Operation }): Html {
  return html`<details>
    <summary><code class="${method}">${method.toUpperCase()}</code> <code>${path}</code> ${operation.summary ?? ""}</summary>
    <p>${operation.security ? "Needs an access token." : "Needs no token."}</p>
    ${parameterTable(operation.parameters ?? [])}
    ${operation.requestBody ? contentView("Body", operation.requestBody.content) : ""}
    ${Object.entries(operation.responses).map(
      ([status, { description, content }]) =>
        html`<h4>${status}: ${code(description)}</h4>
          ${content && !("application/problem+json" in content) ? contentView("", content) : ""}`,
    )}
  </details>`;
}

function parameterTable(parameters: NonNullable<Operation["parameters"]>): Html | "" {
  if (parameters.length === 0) return "";
  return html`<table>
    <tr>
      <th>Parameter</th>
      <th>In</th>
      <th>Shape</th>
      <th>Meaning</th>
    </tr>
    ${parameters.map(
      (p) =>
        html`<tr>
          <td><code>${p.name}</code>${p.required ? " (required)" : ""}</td>
          <td>${p.in}</td>
          <td><code>${JSON.stringify(p.schema ?? {})}</code></td>
          <td>${p.description ?? ""}</td>
        </tr>`,
    )}
  </table>`;
}

function contentView(title: string, content: Content): Html {
  return html`${Object.entries(content).map(
    ([type, { schema }]) =>
      html`<p>${title} <code>${type}</code></p>
        <pre>${JSON.stringify(schema ?? {}, null, 2)}</pre>`,
  )}`;
}

function schemaView([name, schema]: [string, unknown]): Html {
  return html`<details id="schema-${name}">
    <summary><code>${name}</code></summary>
    <pre>${JSON.stringify(schema, null, 2)}</pre>
  </details>`;
}

function errorTable(): Html {
  return html`<table>
    <tr>
      <th>Code</th>
      <th>Status</th>
      <th>Title</th>
    </tr>
    ${Object.entries(problems).map(
      ([name, [status, title]]) =>
        html`<tr id="${name}">
          <td><code>${name}</code></td>
          <td>${status}</td>
          <td>${title}</td>
        </tr>`,
    )}
  </table>`;
}

/** Descriptions mark codes with backticks, as Markdown does. */
function code(description: string): Html {
  return html`${description.split("`").map((text, i) => (i % 2 === 1 ? html`<code>${text}</code>` : text))}`;
}

export const docsStyle = raw(`
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem }
details { border-bottom: 1px solid #8884; padding: .4rem 0 }
summary { cursor: pointer }
pre, code { font: .9em ui-monospace, monospace }
pre { overflow-x: auto; background: #8881; padding: .6rem; border-radius: .3rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top }
:target { background: #fd06 }
.get { color: #0a7 } .post { color: #07c } .put { color: #a60 } .delete { color: #c33 }
`).toString();
