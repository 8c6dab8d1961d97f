/** `facetry publish`: files → resources, in few requests, each refusal shown at its place. */
import { type BulkResult, type BulkViolation, type DocumentSource, type Published, RequestProblem } from '../../client/index.js';
import { Problem, type Violation } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { documentsIn, type InputDocument } from '../documents.js';
import { Ended, exitCodeOf, UsageError } from '../exit-code.js';
import { type InputFile, inputFiles } from '../input.js';
import { type Progress, progressBar } from '../output/progress.js';
import { headline, problemText, violationText } from '../output/report.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import { sendWrapper } from '../publish/wrapper.js';
import type { Session } from '../session.js';
import { WRITE_OPTIONS, writeOptionsOf } from '../write-options.js';

/** What became of one document. */
type Outcome = { readonly file: string; readonly line: number } & (
  | ({ readonly ok: true } & Published)
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly violations: readonly Violation[] }
);

export const publish: CommandSpec = {
  name: 'publish',
  summary: 'Publish resource documents: create them, or replace what exists',
  description:
    'A file holds one document, one document a line, or <resources> with many. Each document has its own fate unless --atomic is given.',
  arguments: [{ form: '<FILE...>', about: 'files, patterns, or - for standard input' }],
  options: [
    ['--atomic', 'all documents or none'],
    ['--new', 'refuse ids that exist instead of replacing them'],
    ['--id <ID>', 'publish one document under this id'],
    ['--if-match <ETAG>', 'with --id: only if the resource still has this entity tag'],
    ...WRITE_OPTIONS,
  ],
  examples: [
    ['facetry publish host.xml', 'create or replace one resource'],
    ["facetry publish 'sites/*.xml' --dry-run", 'would they be accepted?'],
    ['facetry import-1g old.xml | facetry publish -', 'from standard input'],
    ['facetry publish all.ndxml --atomic', 'all or none'],
  ],
  async run(session, [given], options) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'name', 'value']);
    const files = inputFiles(given as readonly string[], session.terminal);
    const results: Outcome[] = [];
    const counts = new Map<string, number>();
    let worst = 0;
    const colors = session.colors.err;

    const tell = async (outcome: Outcome, text: string | undefined) => {
      const word = outcome.ok ? outcome.outcome : 'refused';
      counts.set(word, (counts.get(word) ?? 0) + 1);
      if (form === 'json' || form === 'yaml') results.push(outcome);
      if (outcome.ok) {
        if (form === 'table')
          await session.print(`${outcome.id} ${options.dryRun === true ? `would be ${outcome.outcome}` : outcome.outcome}\n`);
        if (form === 'name') await session.print(`${outcome.id}\n`);
        if (form === 'value') await session.print(`${outcome.etag}\n`);
        for (const { message, hint } of outcome.notices)
          session.note(`${outcome.file}: ${colors.yellow('notice')}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
        return;
      }
      const problem = new Problem(outcome.code as Problem['code'], { detail: outcome.detail, violations: outcome.violations });
      worst ||= exitCodeOf(problem);
      session.terminal.stderr.write(problemText(problem, colors, { path: outcome.file, text: text ?? '' }));
    };

    if (options.id !== undefined) await publishOne(session, files, options, tell);
    else if (options.ifMatch !== undefined) throw new UsageError('--if-match needs --id');
    else await publishMany(session, files, options, tell);

    if (form === 'json' || form === 'yaml') await session.print(structured(form, results));
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (total > 1)
      session.note(
        [...counts].map(([word, count]) => `${count} ${word}`).join(', ') +
          (options.dryRun === true ? ' (dry run: nothing was stored)' : ''),
      );
    if (worst !== 0) throw new Ended(worst);
  },
};

/** Counts lines from the beginning of the file, where documents stand one a line. */
function inFile(document: InputDocument, violations: readonly Violation[]): readonly Violation[] {
  return violations.map((violation) =>
    violation.line === undefined ? violation : { ...violation, line: violation.line + document.line - 1 },
  );
}

/** The document with as many lines before it as the file has. */
function textInFile({ line, text }: InputDocument): string {
  return '\n'.repeat(line - 1) + text;
}

type Tell = (outcome: Outcome, text: string | undefined) => Promise<void>;

async function publishOne(
  { client, terminal }: Session,
  files: readonly InputFile[],
  options: Readonly<Record<string, unknown>>,
  tell: Tell,
): Promise<void> {
  const documents: InputDocument[] = [];
  for (const file of files) for await (const document of documentsIn(file, terminal)) if ('text' in document) documents.push(document);
  const [document] = documents;
  if (document === undefined || documents.length > 1) throw new UsageError(`--id is for one document, not for ${documents.length}`);
  const { file, line, text } = document;
  try {
    const published = await client.put(String(options.id), text, {
      ...writeOptionsOf(options, terminal),
      ifAbsent: options.new === true,
    });
    await tell({ file: file.label, line, ok: true, ...published }, text);
  } catch (error) {
    if (!(error instanceof RequestProblem)) throw error;
    await tell({ file: file.label, line, ok: false, code: error.code, detail: error.message, violations: error.violations }, text);
  }
}

async function publishMany(
  session: Session,
  files: readonly InputFile[],
  options: Readonly<Record<string, unknown>>,
  tell: Tell,
): Promise<void> {
  const { client, terminal, settings } = session;
  const bulk = {
    atomic: options.atomic === true,
    upsert: options.new !== true,
    ...writeOptionsOf({ ...options, ifMatch: undefined }, terminal),
  };
  const bar = progressBar(terminal, 'publishing', {
    quiet: settings.quiet || files.length + files.reduce((sum, { size }) => sum + size, 0) / 100_000 < 10,
  });
  /** sent and not answered yet, in order */
  const waiting: InputDocument[] = [];
  let first = 0;
  let documents: AsyncGenerator<DocumentSource> | undefined;
  const sent = { documents: 0, bytes: 0 };

  const settle = async (results: AsyncIterable<BulkResult>) => {
    for await (const result of results) {
      const document = waiting[result.index - first] as InputDocument;
      if (result.index - first > 5000) {
        waiting.splice(0, result.index - first);
        first = result.index;
      }
      sent.documents++;
      sent.bytes += document.bytes;
      progress(bar, sent, files);
      const { index: _, ...outcome } = result;
      const { file, line } = document;
      if (outcome.ok) await tell({ file: file.label, line, ...outcome }, undefined);
      else await tell({ file: file.label, line, ...outcome, violations: inFile(document, outcome.violations) }, textInFile(document));
    }
  };
  try {
    const wrappers: { readonly file: InputFile; readonly wrapper: Buffer }[] = [];
    documents = (async function* () {
      for (const file of files) {
        for await (const found of documentsIn(file, terminal)) {
          if ('wrapper' in found) wrappers.push(found);
          else {
            waiting.push(found);
            yield found.text;
          }
        }
      }
    })();
    await settle(client.bulk(documents, bulk));
    for (const { file, wrapper } of wrappers) {
      const text = wrapper.toString('utf8');
      for await (const { index: _, ...outcome } of sendWrapper(client, wrapper, bulk))
        await tell({ file: file.label, line: 1, ...outcome }, text);
    }
  } catch (error) {
    bar.stop();
    if (!(error instanceof RequestProblem) || !bulk.atomic || error.violations.length === 0) throw error;
    // All or none was asked for, and none it is: these are the documents that spoil it.
    for (const violation of error.violations as readonly BulkViolation[]) {
      const document = waiting[violation.document ?? -1];
      const [shown] = document === undefined ? [violation] : inFile(document, [violation]);
      terminal.stderr.write(violationText(shown, session.colors.err, document?.file.label, document && textInFile(document)));
    }
    terminal.stderr.write(headline(error.message, session.colors.err));
    throw new Ended(exitCodeOf(error));
  } finally {
    bar.stop();
  }
}

/** How many documents there will be is known only by how many bytes they took so far. */
function progress(bar: Progress, sent: { readonly documents: number; readonly bytes: number }, files: readonly InputFile[]): void {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  bar.update(sent.documents, Math.max(sent.documents, Math.round((sent.documents * bytes) / Math.max(1, sent.bytes))));
}
