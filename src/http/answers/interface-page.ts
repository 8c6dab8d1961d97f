/** An interface as a page for people: no script, one style that the policy names by its hash, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import type { InterfaceDescription, InterfaceSummary } from '../../directory/index.js';
import type { ExplainedElement } from '../../model/index.js';
import { attribute, text } from '../xml-text.js';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow:auto;padding:1rem;border:1px solid #8886;border-radius:4px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8884}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}
.d1{padding-left:1.2rem}.d2{padding-left:2.4rem}.d3{padding-left:3.6rem}.d4{padding-left:4.8rem}.d5{padding-left:6rem}`;

/** Stronger than that of data: this style and nothing else. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

export function interfacesPage(interfaces: readonly InterfaceSummary[]): string {
  const rows = interfaces
    .map(
      ({ ns, prefix, elements, status, documentation }) =>
        `<tr><td><a href="/interfaces/${attribute(encodeURIComponent(ns))}"><code>${text(ns)}</code></a></td><td><code>${text(prefix)}</code></td><td>${text(elements.join(', '))}</td><td>${text(status ?? 'shipped')}</td><td>${text(documentation ?? '')}</td></tr>`,
    )
    .join('\n');
  return page(
    'Interfaces',
    `<p>Facets that several parties have agreed on. <a href="/">facetry</a></p>
<table>\n<thead><tr><th>Namespace</th><th>Prefix</th><th>Elements</th><th>Status</th><th></th></tr></thead>\n<tbody>\n${rows}\n</tbody>\n</table>`,
  );
}

export function interfacePage(described: InterfaceDescription, content: readonly ExplainedElement[]): string {
  const { ns, prefix, documentation, facet, schema, resources, imports, importedBy, origin, resource } = described;
  const agreement = facet?.agreement;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Prefix', `<code>${text(prefix)}</code>`],
    ['Kind', facet && text(facet.kind)],
    ['Status', facet && text(facet.status)],
    ['Version', facet && text(facet.version)],
    ['Applies to', list(facet?.appliesTo, text)],
    ['Supersedes', list(facet?.supersedes, link)],
    ['Agreement', agreement && text([agreement.parties.join(', '), agreement.date, agreement.text].filter(Boolean).join(' · '))],
    ['Imports', list(imports, link)],
    ['Imported by', list(importedBy, link)],
    ['Used by', `${resources} resources that you see`],
    [
      'Comes from',
      origin === 'shipped' ? 'the directory itself' : resource === undefined ? 'a resource that you do not see' : resourceLink(resource),
    ],
  ];
  const rows = content.flatMap((element) => lines(element, 0)).join('\n');
  return page(
    ns,
    `<p><a href="/interfaces">All interfaces</a></p>
${documentation === undefined ? '' : `<p>${text(documentation)}</p>\n`}<dl>
${facts.map(([name, value]) => (value === undefined ? '' : `<dt>${name}</dt><dd>${value}</dd>\n`)).join('')}</dl>
<h2>Elements</h2>
<table>\n<thead><tr><th>Element</th><th>Times</th><th>Type</th><th></th></tr></thead>\n<tbody>\n${rows}\n</tbody>\n</table>
${facet?.sample === undefined ? '' : `<h2>Sample</h2>\n<pre>${text(facet.sample)}</pre>\n`}<h2>Schema</h2>
<pre>${text(schema)}</pre>`,
  );
}

function lines(element: ExplainedElement, depth: number): string[] {
  const values = (element.values ?? []).map(
    ({ value, documentation }) => `<br><code>${text(value)}</code>${documentation === undefined ? '' : ` ${text(documentation)}`}`,
  );
  const bounds = element.bounds === undefined ? '' : `<br><code>${text(element.bounds.join(', '))}</code>`;
  const row = `<tr><td class="d${Math.min(depth, 5)}"><code>${text(element.name)}</code></td><td>${text(element.occurs)}</td><td>${text(element.type)}${bounds}</td><td>${text(element.documentation ?? '')}${values.join('')}</td></tr>`;
  return [row, ...element.children.flatMap((child) => lines(child, depth + 1))];
}

function list(values: readonly string[] | undefined, show: (value: string) => string): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.map(show).join(', ');
}

function link(ns: string): string {
  return `<a href="/interfaces/${attribute(encodeURIComponent(ns))}"><code>${text(ns)}</code></a>`;
}

function resourceLink(id: string): string {
  return `<a href="/resources/${attribute(encodeURIComponent(id))}"><code>${text(id)}</code></a>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${text(title)}</h1>
${body}
</body>
</html>
`;
}
