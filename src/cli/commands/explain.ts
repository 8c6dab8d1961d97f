/** `facetry explain`: what an interface or a field of it means, from its schema. */
import type { ExplainedElement, Interface } from '../../client/index.js';
import { Problem } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { findInterface } from '../interfaces/find.js';
import type { Colors } from '../output/colors.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';

export const explain: CommandSpec = {
  name: 'explain',
  summary: 'Tell what an interface, or a field of it, means',
  description: 'NAME is a prefix or a namespace, then, after dots, elements from the facet down: site.quota.vcpus.',
  arguments: [{ form: '<NAME>', about: 'interface, or field' }],
  options: [['--recursive', 'all fields below, not only the next ones']],
  examples: [
    ['facetry explain urn:facetry:site', 'the interface of sites'],
    ['facetry explain site.quota.vcpus', 'one field'],
    ['facetry explain host --recursive', 'everything about hosts'],
  ],
  async run(session, [name], options) {
    const { client, terminal, print, colors } = session;
    const form = outputOf(session, ['table', 'json', 'yaml']);
    const signal = terminal.interrupted;
    const { wanted, path } = await split(String(name), async (one) => findInterface(client, one, signal));
    const found = await client.interface(wanted, { signal });
    if (found === undefined) throw new Problem('not-found', { detail: `there is no interface "${wanted}"` });
    if (path.length === 0) {
      if (form !== 'table') return await print(structured(form, { ...found, schema: undefined }));
      return await print(interfaceText(found, colors.out, options.recursive === true));
    }
    const element = at(found, path);
    if (form !== 'table') return await print(structured(form, element));
    await print(elementText(found, path, element, colors.out, options.recursive === true));
  },
};

/** Namespaces have dots of their own: the longest beginning that is an interface is one. */
async function split(name: string, find: (name: string) => Promise<{ readonly ns: string }>) {
  const words = name.split('.');
  let refusal: unknown;
  for (let count = words.length; count > 0; count--) {
    try {
      return { wanted: (await find(words.slice(0, count).join('.'))).ns, path: words.slice(count) };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'not-found') throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** `site.quota` may leave out the facet where its name is the prefix, as in `site.site.quota`. */
function at({ ns, prefix, content }: Interface, path: readonly string[]): ExplainedElement {
  const direct = content.some(({ name }) => name === path[0])
    ? path
    : content.length === 1
      ? [content[0].name, ...path]
      : [prefix, ...path];
  let among = content;
  let found: ExplainedElement | undefined;
  for (const [k, name] of direct.entries()) {
    found = among.find((one) => one.name === name);
    if (found === undefined) {
      throw new Problem('not-found', {
        detail: `${k === 0 ? ns : direct.slice(0, k).join('.')} has no field "${name}"`,
        hint: `it has: ${among.map((one) => one.name).join(', ') || 'none'}`,
      });
    }
    among = found.children;
  }
  return found as ExplainedElement;
}

function interfaceText(one: Interface, colors: Colors, recursive: boolean): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['NAMESPACE', one.ns],
    ['PREFIX', one.prefix],
    ['KIND', one.kind],
    ['APPLIES TO', one.appliesTo?.join(', ') || undefined],
    ['STATUS', one.status === undefined ? one.origin : `${one.status}, version ${one.version ?? ''}`],
    ['AGREED BY', one.agreement?.parties.join(', ')],
    ['IMPORTS', one.imports.join(', ') || undefined],
    ['USED BY', `${one.resources} ${one.resources === 1 ? 'resource' : 'resources'}`],
  ];
  const head = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${colors.bold(name.padEnd(12))}${value}`]));
  const said = one.documentation === undefined ? [] : ['', ...wrapped(one.documentation, '')];
  const fields = one.content.flatMap((element) => ['', ...fieldLines(element, colors, recursive ? Number.POSITIVE_INFINITY : 1, '')]);
  return `${[...head, ...said, ...fields].join('\n')}\n`;
}

function elementText(one: Interface, path: readonly string[], element: ExplainedElement, colors: Colors, recursive: boolean): string {
  const { type, occurs, documentation, values = [], bounds, children } = element;
  const head = [
    `${colors.bold('FIELD'.padEnd(12))}${path.join('.')} ${colors.dim(`<${type}>`)}`,
    `${colors.bold('OCCURS'.padEnd(12))}${occurs}${element.choice === true ? ', one of several' : ''}`,
    `${colors.bold('INTERFACE'.padEnd(12))}${one.ns}`,
    ...(bounds === undefined ? [] : [`${colors.bold('BOUNDS'.padEnd(12))}${bounds.join(', ')}`]),
  ];
  const said = documentation === undefined ? [] : ['', ...wrapped(documentation, '')];
  const choices = values.map(({ value, documentation: about }) => `  ${value.padEnd(16)}${about ?? ''}`.trimEnd());
  const fields = children.flatMap((child) => fieldLines(child, colors, recursive ? Number.POSITIVE_INFINITY : 0, ''));
  return `${[
    ...head,
    ...said,
    ...(choices.length === 0 ? [] : ['', colors.bold('VALUES'), ...choices]),
    ...(fields.length === 0 ? [] : ['', colors.bold('FIELDS'), ...fields]),
  ].join('\n')}\n`;
}

function fieldLines(element: ExplainedElement, colors: Colors, depth: number, indent: string): string[] {
  const { name, type, occurs, choice, documentation, children, more } = element;
  const times = occurs === '1' ? 'required' : occurs;
  return [
    `${indent}${colors.bold(name)} ${colors.dim(`<${type}>`)} ${times}${choice === true ? ', one of several' : ''}`,
    ...(documentation === undefined ? [] : wrapped(documentation, `${indent}  `)),
    ...(depth > 0 ? children.flatMap((child) => fieldLines(child, colors, depth - 1, `${indent}  `)) : []),
    ...(more === true && depth > 0 ? [`${indent}  …`] : []),
  ];
}

const WIDTH = 100;

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + word.length >= WIDTH) {
      lines.push(indent + line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}
