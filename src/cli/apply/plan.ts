/** What would have to change for the directory to be as the files say; asked of the directory itself, by a dry run. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BulkOptions, RequestProblem, readResource } from '../../client/index.js';
import { documentsIn, type InputDocument } from '../documents.js';
import { UsageError } from '../exit-code.js';
import { type InputFile, inputFiles } from '../input.js';
import { problemText } from '../output/report.js';
import type { Session } from '../session.js';

export interface PlannedDocument {
  readonly document: InputDocument;
  readonly id: string;
  readonly outcome: 'created' | 'replaced' | 'unchanged';
  readonly diff: string;
}

export interface Plan {
  readonly documents: readonly PlannedDocument[];
  /** documents that the directory refuses; each was told of */
  readonly refused: number;
}

/** `paths`: files, patterns, folders (all `*.xml` in and below them), or `-`. */
export async function planOf(session: Session, paths: readonly string[], options: BulkOptions): Promise<Plan> {
  const { client, terminal, colors } = session;
  const sent: InputDocument[] = [];
  for (const file of filesOf(session, paths)) {
    for await (const found of documentsIn(file, terminal)) {
      if ('wrapper' in found) {
        throw new UsageError(
          `${file.label} holds many documents in one element`,
          'give each a file of its own, or a line in a .ndxml file',
        );
      }
      sent.push(found);
    }
  }
  const documents: PlannedDocument[] = [];
  let refused = 0;
  const dry = { ...options, atomic: false, upsert: true, dryRun: true };
  for await (const result of client.bulk(
    sent.map(({ text }) => text),
    dry,
  )) {
    const document = sent[result.index] as InputDocument;
    if (result.ok) {
      documents.push({ document, id: result.id, outcome: result.outcome, diff: result.diff ?? '' });
      continue;
    }
    refused++;
    const { code, detail, violations } = result;
    const problem = new RequestProblem(code, { detail, violations }, { status: 0, code });
    const text = '\n'.repeat(document.line - 1) + document.text;
    terminal.stderr.write(problemText(problem, colors.err, { path: document.file.label, text }));
  }
  refuseRepeated(documents);
  return { documents, refused };
}

function filesOf({ terminal }: Session, paths: readonly string[]): InputFile[] {
  return paths.flatMap((path) => {
    const full = resolve(terminal.cwd, path);
    if (path === '-' || statSync(full, { throwIfNoEntry: false })?.isDirectory() !== true) return inputFiles([path], terminal);
    const names = readdirSync(full, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xml'));
    if (names.length === 0) throw new UsageError(`there is no *.xml in ${path}`);
    return inputFiles(
      names.sort().map((name) => join(path, name)),
      terminal,
    );
  });
}

function refuseRepeated(documents: readonly PlannedDocument[]): void {
  const files = new Map<string, string>();
  for (const { id, document } of documents) {
    const other = files.get(id);
    if (other !== undefined) throw new UsageError(`the resource "${id}" is in ${other} and in ${document.file.label}`);
    files.set(id, document.file.label);
  }
}

/** Resources that no file has, in the scopes that the files name: others are none of their business. */
export async function surplus({ client, terminal }: Session, { documents }: Plan): Promise<string[]> {
  const wanted = new Set(documents.map(({ id }) => id));
  const scopes = new Set(documents.flatMap(({ document }) => readResource(document.text).scopes));
  const found: string[] = [];
  for await (const { id, scopes: its } of client.list({ signal: terminal.interrupted })) {
    if (!wanted.has(id) && its.some((scope) => scopes.has(scope))) found.push(id);
  }
  return found;
}
