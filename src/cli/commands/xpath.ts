/** `facetry xpath`: the engine of discovery on any XML file of the user's own. */
import { type Columns, compile, type NodeSet, serializeNodeText, stringValue, type Value, type View } from '../../discovery/index.js';
import { loadPlainDocument, nodePath } from '../../discovery/plain-document.js';
import { Problem, RESOURCE_NS } from '../../model/index.js';
import { BINDING_OPTIONS, namespacesOf, variablesOf } from '../bindings.js';
import type { CommandSpec } from '../command.js';
import { EXIT, UsageError } from '../exit-code.js';
import { type InputFile, inputFiles, readInput } from '../input.js';
import { linesOf } from '../lines.js';
import { expressionError } from '../output/expression-error.js';
import { FileError } from '../output/file-error.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';
import { engineDocuments, runCase, type XPathCase } from '../xpath-batch.js';

export const xpath: CommandSpec = {
  name: 'xpath',
  summary: 'Evaluate an XPath on any XML file, with the engine of discovery',
  description:
    'Node-sets are printed node by node: elements as XML, others as text; -o name prints their paths.\nWith --batch, standard input holds one JSON case a line (id, xml, context, namespaces, variables, xpath, want), and each is answered by one line {"id", "type", "value"}. A bad case is answered by type "error" and ends nothing.',
  arguments: [
    { form: '[EXPR]', about: 'the expression' },
    { form: '[FILE]', about: 'an XML file, - for standard input' },
  ],
  options: [...BINDING_OPTIONS, ['--batch', 'answer cases from standard input']],
  examples: [
    ["facetry xpath 'count(//*)' file.xml", 'a number'],
    ["facetry xpath '//p:name' file.xml --ns p=urn:people -o value", 'texts'],
    ['facetry xpath --batch < cases.jsonl > results.jsonl', 'many, for a test suite'],
  ],
  async run(session, [expression, file], options) {
    if (options.batch === true) {
      if (expression !== undefined) throw new UsageError('--batch reads its cases from standard input');
      return await batch(session);
    }
    if (expression === undefined || file === undefined)
      throw new UsageError('give an expression and a file', "facetry xpath 'count(//*)' file.xml");
    const form = outputOf(session, ['xml', 'value', 'json', 'yaml', 'name']);
    const text = expression as string;
    const variables = new Map(Object.entries(variablesOf(options)).map(([name, value]) => [name, { type: typeof value, value } as Value]));
    const namespaces = new Map(Object.entries({ r: RESOURCE_NS, ...namespacesOf(options) }));
    // before the file is read: what is wrong with the expression is wrong with any file
    const compiled = placed(() => compile(text, { namespaces, variables: new Set(variables.keys()) }), { expression: text });
    const [input] = inputFiles([file as string], session.terminal);
    const bytes = await readInput(input as InputFile, session.terminal);
    const columns = placed(() => loadPlainDocument(bytes), { file: file as string, text: bytes.toString('utf8') });
    const view: View = { columns, revision: columns.revision };
    const value = placed(() => compiled.evaluate(view, { variables }), { expression: text });
    await print(session, columns, view, value, form);
  },
};

async function print(
  session: Session,
  columns: Columns,
  view: View,
  value: Value,
  form: 'xml' | 'value' | 'json' | 'yaml' | 'name',
): Promise<void> {
  if (value.type !== 'nodeset') {
    const told = value.type === 'number' && !Number.isFinite(value.value) ? String(value.value) : value.value;
    return await session.print(
      form === 'json' || form === 'yaml' ? structured(form, { type: value.type, value: told }) : `${String(told)}\n`,
    );
  }
  if (form === 'json' || form === 'yaml') {
    const value_ = [...value.nodes].map((node) => ({ path: nodePath(columns, node), value: textOf(view, node) }));
    return await session.print(structured(form, { type: 'nodeset', value: value_ }));
  }
  for (const node of value.nodes) {
    const line =
      form === 'name'
        ? nodePath(columns, node)
        : form === 'value' || typeof node !== 'number'
          ? textOf(view, node)
          : serializeNodeText(view, node);
    await session.print(`${line}\n`);
  }
}

type Node = NodeSet[number];

function textOf(view: View, node: Node): string {
  return typeof node === 'number' ? stringValue(view, node) : node.uri;
}

/** One answer a line, written as soon as its case was read. */
async function batch(session: Session): Promise<void> {
  const open = engineDocuments(compile);
  for await (const bytes of linesOf(session.terminal.stdin)) {
    const line = bytes.toString('utf8');
    if (line.trim() !== '') await session.print(`${JSON.stringify(answer(line, open))}\n`);
  }
}

function answer(line: string, open: ReturnType<typeof engineDocuments>): object {
  let one: XPathCase;
  try {
    one = JSON.parse(line) as XPathCase;
  } catch (error) {
    return { id: null, type: 'error', value: `the line is not JSON: ${(error as Error).message}` };
  }
  if (typeof one !== 'object' || one === null || typeof one.xml !== 'string' || typeof one.xpath !== 'string') {
    return { id: one?.id ?? null, type: 'error', value: 'a case must have the texts "xml" and "xpath"' };
  }
  return runCase(one, open);
}

/** Problems with places are shown in what they are of. */
function placed<T>(work: () => T, source: { readonly expression: string } | { readonly file: string; readonly text: string }): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem) || error.violations.length === 0) throw error;
    if ('expression' in source) throw expressionError(source.expression, error.violations);
    throw new FileError(source.file, source.text, error.violations, EXIT.invalid);
  }
}
