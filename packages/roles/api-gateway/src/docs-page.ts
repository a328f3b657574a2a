import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from './openapi.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter);

const STYLE = `
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent)}
body{font:15px/1.55 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:2rem 1rem}
code,pre{font-family:ui-monospace,monospace;font-size:.92em}
section{border-top:1px solid var(--line);padding:1rem 0}
h3{font-size:1rem;margin:0}
h3 code{font-weight:600}
.method{display:inline-block;min-width:3.2rem;font-weight:700}
table{border-collapse:collapse;margin:.5rem 0;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}
pre{overflow:auto;max-height:24rem;padding:.75rem;border:1px solid var(--line);border-radius:6px}
`;

const LIVE = `
<section><h2>Live data: the WebSocket at <code>/ws</code></h2>
<pre>→ {"method":"SUBSCRIBE","params":["bars.BTCUSDT.1m","trades.BTCUSDT"],"id":1}
← {"id":1,"result":null}
← [{"topic":"trades.BTCUSDT","epoch":"…","seq":7,"snapshot":true,"data":{…}}]
← [{"topic":"trades.BTCUSDT","epoch":"…","seq":8,"data":{…}}, …]</pre>
<p>Topics: <code>bars.SYMBOL.INTERVAL</code>, <code>trades.SYMBOL</code>, <code>quotes.SYMBOL</code>, <code>book.SYMBOL</code>,
<code>feed.SYMBOL</code>, <code>predictions.SYMBOL</code>, <code>orders</code>, <code>fills</code>, <code>positions</code>,
<code>account</code>, <code>decisions</code>, <code>alerts</code>, <code>backtests</code>, <code>strategies</code>, <code>risk</code>, <code>trading.state</code>, <code>status</code>.</p></section>`;

const shape = (schema: unknown): string => `<pre>${escape(JSON.stringify(schema, null, 2))}</pre>`;

function typeOf(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null) return '';
  const { type, enum: choices, default: usual, minimum, maximum }: Readonly<Record<string, unknown>> = { ...schema };
  const parts = [Array.isArray(choices) ? choices.join(' | ') : String(type)];
  if (typeof minimum === 'number' && typeof maximum === 'number') parts.push(`${minimum} to ${maximum}`);
  if (usual !== undefined) parts.push(`default ${JSON.stringify(usual)}`);
  return parts.join(', ');
}

const parameterRow = ({ name, required, description, schema }: OpenApiParameter): string =>
  `<tr><td><code>${escape(name)}</code>${required ? ' (needed)' : ''}</td><td>${escape(typeOf(schema))}</td><td>${escape(description ?? '')}</td></tr>`;

function operationSection(path: string, method: string, operation: OpenApiOperation): string {
  const { summary, parameters, requestBody, responses, security } = operation;
  const table =
    parameters.length === 0
      ? ''
      : `<table><tr><th>parameter</th><th>type</th><th></th></tr>${parameters.map(parameterRow).join('')}</table>`;
  const body = Object.values(requestBody?.content ?? {}).map(({ schema }) => `<p>Body:</p>${shape(schema)}`);
  const replies = Object.entries(responses).map(([status, { description, content }]) => {
    const [type = '', reply] = Object.entries(content)[0] ?? [];
    const detail =
      Number(status) < 400 && type === 'application/json'
        ? `<details><summary>form</summary>${shape(reply?.schema)}</details>`
        : escape(type);
    return `<tr><td>${status}</td><td>${escape(description)}</td><td>${detail}</td></tr>`;
  });
  const access = security === undefined ? '' : '<p>Needs the admin token: <code>Authorization: Bearer …</code></p>';
  return `<section><h3><span class="method">${method.toUpperCase()}</span> <code>${escape(path)}</code></h3><p>${escape(summary)}</p>${access}${table}${body.join('')}<table>${replies.join('')}</table></section>`;
}

/** The document as one page that needs nothing from anywhere else. */
export function docsPage(document: OpenApiDocument): string {
  const sections = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSection(path, method, operation)),
  );
  const { title, version, description } = document.info;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escape(title)} API</title><style>${STYLE}</style></head><body><h1>${escape(title)} API <small>${escape(version)}</small></h1><p>${escape(description)} The same as a document for programs: <a href="/openapi.json">/openapi.json</a>.</p>${LIVE}${sections.join('')}</body></html>`;
}

/** Shown at `/` while the dashboard's files are not there. */
export function pageMissing(): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>MONSTA</title><style>${STYLE}</style></head><body><h1>MONSTA runs, but its page is not built</h1><p>Build it with <code>npm run build</code> and start again. Everything else works: <a href="/docs">the API</a>, <a href="/api/v1/status">the status</a>.</p></body></html>`;
}
