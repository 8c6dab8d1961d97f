/** `facetry validate`: what the directory would say, without a directory. */

import { resolve } from 'node:path';
import type { Notice, Problem, ResourceId, Violation } from '../../model/index.js';
import { createXmlPool, type Piece, splitResources, type XmlReader } from '../../xml/index.js';
import type { CommandSpec } from '../command.js';
import { documentLimits } from '../document-limits.js';
import { documentsIn } from '../documents.js';
import { Ended, EXIT } from '../exit-code.js';
import { facetFolderOf, readFacetFolder, readSchema } from '../facet-folder.js';
import { type InputFile, inputFiles, readInput } from '../input.js';
import { problemText } from '../output/report.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

interface Verdict {
  readonly file: string;
  readonly valid: boolean;
  readonly id?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly violations: readonly Violation[];
  readonly notices: readonly Notice[];
}

export const validate: CommandSpec = {
  name: 'validate',
  summary: 'Check resource documents without a directory',
  description:
    'Every violation is shown at its place. Facets are checked against the shipped interfaces (or those of --facets) and those of --schema.',
  arguments: [{ form: '<FILE...>', about: 'files, patterns, or - for standard input' }],
  options: [['--schema <FILE>', 'one more facet schema (repeatable)', { repeatable: true }]],
  examples: [
    ['facetry validate host.xml', 'is it a valid resource?'],
    ["facetry validate 'sites/*.xml' --schema my-facet.xsd", 'with a schema of your own'],
    ['facetry validate host.xml -o json', 'for an editor'],
  ],
  async run(session, [given], options) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
    const files = inputFiles(given as readonly string[], session.terminal);
    const own = ((options.schema ?? []) as readonly string[]).map((path) => readSchema(resolve(session.terminal.cwd, path)));
    const shipped = readFacetFolder(facetFolderOf(session)).schemas.filter(({ ns }) => !own.some((schema) => schema.ns === ns));
    const xml = await createXmlPool({ workers: 1, limits: documentLimits(session.settings), schemas: [...shipped, ...own] });
    const verdicts: Verdict[] = [];
    try {
      for (const file of files) {
        for await (const verdict of validateFile(session, xml, file)) {
          verdicts.push(verdict);
          if (verdict.valid && form === 'table') await session.print(`${verdict.file} is valid\n`);
          if (verdict.valid && form === 'name') await session.print(`${verdict.id ?? ''}\n`);
        }
      }
    } finally {
      await xml.close();
    }
    if (form === 'json' || form === 'yaml') await session.print(structured(form, { items: verdicts }));
    const invalid = verdicts.filter(({ valid }) => !valid).length;
    if (verdicts.length > 1) session.note(`${verdicts.length - invalid} valid, ${invalid} invalid`);
    if (invalid > 0) throw new Ended(EXIT.invalid);
  },
};

async function* validateFile(session: Session, xml: XmlReader, file: InputFile): AsyncGenerator<Verdict> {
  const { terminal, colors } = session;
  const bytes = await readInput(file, terminal);
  const text = bytes.toString('utf8');
  for await (const piece of piecesOf(file, bytes, session)) {
    const [result] = await xml.readMany([piece], { mintId: () => 'urn:none' as ResourceId });
    if (result === undefined) continue;
    if (result.ok) {
      const { resource, notices } = result;
      for (const { line, column, message } of notices)
        session.note(
          `${colors.err.bold([file.label, line, column].filter((part) => part !== undefined).join(':'))}: ${colors.err.yellow('notice')}: ${message}`,
        );
      yield { file: file.label, valid: true, ...(resource.id === 'urn:none' ? {} : { id: resource.id }), violations: [], notices };
    } else {
      const problem: Problem = result.problem;
      terminal.stderr.write(problemText(problem, colors.err, { path: file.label, text }));
      yield { file: file.label, valid: false, code: problem.code, detail: problem.message, violations: problem.violations, notices: [] };
    }
  }
}

/** Documents of a file with their places in it. */
async function* piecesOf(file: InputFile, bytes: Buffer, { terminal }: Session): AsyncGenerator<Omit<Piece, 'index'>> {
  const stream = async function* () {
    yield new Uint8Array(bytes);
  };
  for await (const first of documentsIn({ ...file, path: undefined, label: file.label }, { ...terminal, stdin: asStream(bytes) })) {
    if ('wrapper' in first) yield* splitResources(stream(), 'resources');
    else if (first.line === 1 && first.bytes === bytes.length) yield { bytes: new Uint8Array(bytes) };
    else yield* splitResources(stream(), 'lines');
    return;
  }
  // nothing in it at all
  yield { bytes: new Uint8Array(bytes) };
}

function asStream(bytes: Buffer): NodeJS.ReadableStream {
  return (async function* () {
    yield bytes;
  })() as unknown as NodeJS.ReadableStream;
}
