import type { Summary } from '../../client/index.js';
import { ANSWER_NS, parseNameKey } from '../../model/index.js';
import { escapeAttribute, escapeText } from '../../xml/escape.js';
import { type CommandSpec, wholeOption } from '../command.js';
import { structured } from '../output/structured.js';
import { cell, columnWidths, tableHead, tableRows } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';

const HEAD = ['ID', 'NAME', 'SCOPES', 'FACETS'];
const PAGE = 500;

export const list: CommandSpec = {
  name: 'list',
  summary: 'List resources, in the order of their publication',
  options: [['--limit <N>', 'at most so many']],
  examples: [
    ['facetry list', 'all of them'],
    ['facetry list -o name | wc -l', 'how many'],
    ['facetry list --limit 10 -o json', 'the first ten, for a program'],
  ],
  async run(session, _args, options) {
    const form = outputOf(session, ['table', 'xml', 'json', 'yaml', 'name', 'value']);
    const limit = wholeOption(options, 'limit');
    const all = session.client.list({ ...(limit === undefined ? {} : { limit }), signal: session.terminal.interrupted });
    const { print } = session;
    if (form === 'json' || form === 'yaml') {
      const items: Summary[] = [];
      for await (const summary of all) items.push(summary);
      return await print(structured(form, { items }));
    }
    if (form === 'xml') {
      await print(`<list xmlns="${ANSWER_NS}">\n`);
      for await (const summary of all) await print(entryXml(summary));
      return await print('</list>\n');
    }
    if (form !== 'table') {
      for await (const { id } of all) await print(`${id}\n`);
      return;
    }
    let widths: readonly number[] | undefined;
    let rows: string[][] = [];
    const flush = async () => {
      const head = widths === undefined;
      widths ??= columnWidths(HEAD, rows);
      await print((head ? tableHead(HEAD, widths, session.colors.out) : '') + tableRows(rows, widths, tableWidth(session)));
      rows = [];
    };
    for await (const { id, name, scopes, facets } of all) {
      rows.push([cell(id), cell(name ?? ''), scopes.join(','), facets.map((facet) => parseNameKey(facet)?.local ?? facet).join(',')]);
      if (rows.length === PAGE) await flush();
    }
    if (rows.length > 0) await flush();
    else if (widths === undefined) session.note('there are no resources');
  },
};

function entryXml({ id, name, scopes, facets }: Summary): string {
  const many = (tag: string, values: readonly string[]) => values.map((value) => `<${tag}>${escapeText(value)}</${tag}>`).join('');
  const named = name === undefined ? '' : ` name="${escapeAttribute(name)}"`;
  return `<entry id="${escapeAttribute(id)}"${named}>${many('scope', scopes)}${many('facet', facets)}</entry>\n`;
}
