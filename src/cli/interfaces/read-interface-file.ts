import { INTERFACE } from '../../model/index.js';
import { inspectSchema, readTree, type TreeElement } from '../../xml/index.js';
import { UsageError } from '../exit-code.js';
import { inputFiles, readInput } from '../input.js';
import type { Session } from '../session.js';

export interface InterfaceFile {
  readonly label: string;
  readonly ns: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** it is a schema, so what the directory says of lines is about this text */
  readonly schema: boolean;
}

/** A schema, or an interface facet, or a resource with one. Throws Problem when it is none of them. */
export async function readInterfaceFile({ terminal }: Session, name: string | undefined): Promise<InterfaceFile> {
  if (name === undefined) throw new UsageError('a file is missing', 'name an XML Schema, or - for standard input');
  const [input] = inputFiles([name], terminal);
  if (input === undefined) throw new UsageError(`there is no file ${name}`);
  const bytes = new Uint8Array(await readInput(input, terminal));
  const text = Buffer.from(bytes).toString('utf8');
  const facet = interfaceIn(bytes);
  const ns = facet?.children.find(({ local }) => local === 'namespace')?.text ?? inspectSchema(text).ns;
  return { label: input.label, ns, bytes, text, schema: facet === undefined };
}

function interfaceIn(bytes: Uint8Array): TreeElement | undefined {
  const root = readTree(bytes);
  return [root, ...root.children].find(({ ns, local }) => ns === INTERFACE.ns && local === INTERFACE.local);
}
