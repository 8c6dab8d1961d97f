import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The collection of hostile documents, schemas and expressions beside the repository, and what its manifest says must (not) happen. */
const FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/hostile');

export interface HostileFile {
  readonly file: string;
  readonly attacks: string;
  readonly channel: string;
  readonly expect: string;
  readonly mustNot: readonly string[];
}

export interface HostileExpression {
  readonly xpath: string;
  readonly attacks: string;
  readonly expect: string;
}

/** Why it cannot be read, or undefined. */
export function hostileMissing(): string | undefined {
  return existsSync(join(FOLDER, 'MANIFEST.json')) ? undefined : 'the hostile files (../shared/hostile) are not beside this repository';
}

export function hostileFiles(): readonly HostileFile[] {
  return (JSON.parse(readFileSync(join(FOLDER, 'MANIFEST.json'), 'utf8')) as { files: HostileFile[] }).files;
}

export function hostileExpressions(): readonly HostileExpression[] {
  return JSON.parse(readFileSync(join(FOLDER, 'xpath-hostile.json'), 'utf8')) as HostileExpression[];
}

/** The bytes of a file; the one that would be 10 MiB of a single name is described in the manifest and made here. */
export function hostileBytes(file: string): Buffer {
  if (existsSync(join(FOLDER, file))) return readFileSync(join(FOLDER, file));
  if (file !== '143-one-name-of-10-mib.xml') throw new Error(`${file} is in the manifest and not in the folder`);
  const name = 'n'.repeat(10 << 20);
  return Buffer.from(
    `<resource xmlns="http://gcube-system.org/namespaces/resource" id="hostile-1"><scope>/infra/vo1</scope><f:${name} xmlns:f="urn:f">x</f:${name}></resource>`,
  );
}
