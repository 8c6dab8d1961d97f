/** The YAML files that say who may do what: read strictly, and whatever is wrong is said with its line. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Violation } from '../../model/index.js';

/** Values of the file are not in it: somebody may have written a secret where it does not belong. */
export class PolicyFileError extends Error {
  constructor(
    readonly file: string,
    readonly violations: readonly Violation[],
  ) {
    const [first] = violations;
    const place = first?.line === undefined ? file : `${file}:${first.line}:${first.column}`;
    super(`${place}: ${first?.message ?? 'cannot be used'}`);
    this.name = 'PolicyFileError';
  }
}

export interface PolicyText {
  readonly text: string;
  /** what should be mended, although the file is used */
  readonly warning?: string;
}

/** Reads a file of rights. Whoever can write it can make himself admin, so one that everybody can write is refused. */
export function readPolicyText(file: string): PolicyText {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY);
  } catch (error) {
    throw new PolicyFileError(file, [{ rule: 'access', message: `cannot be read: ${(error as Error).message}` }]);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new PolicyFileError(file, [{ rule: 'access', message: 'is no file' }]);
    const mode = process.platform === 'win32' ? 0 : stat.mode & 0o777;
    if ((mode & 0o002) !== 0) {
      throw new PolicyFileError(file, [
        { rule: 'access', message: `everybody may write it (mode ${mode.toString(8)})`, hint: `chmod 600 ${file}` },
      ]);
    }
    const text = readFileSync(fd, 'utf8');
    if ((mode & 0o024) === 0) return { text };
    return { text, warning: `others may ${(mode & 0o020) !== 0 ? 'write' : 'read'} it (mode ${mode.toString(8)}): chmod 600 ${file}` };
  } finally {
    closeSync(fd);
  }
}

/** The content, checked against its shape. Throws PolicyFileError with every violation, in the order of the file. */
export function parsePolicy<T extends z.ZodType>(file: string, text: string, shape: T): z.output<T> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (offset: number | undefined) => {
    const { line, col } = counter.linePos(offset ?? 0);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    throw new PolicyFileError(
      file,
      // a message of the parser may quote what it could not read
      document.errors.map(({ pos, code }) => ({ rule: 'yaml', message: `is no YAML (${code})`, ...at(pos[0]) })),
    );
  }
  const read = shape.safeParse(document.toJS());
  if (read.success) return read.data;

  const offsetOf = (path: readonly PropertyKey[]): number | undefined => {
    // what is missing is shown where it should stand
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return undefined;
  };
  const violations = read.error.issues.flatMap((issue): Violation[] => {
    if (issue.code !== 'unrecognized_keys') {
      const last = issue.path.at(-1);
      const name = typeof last === 'string' ? `"${last}" ` : '';
      return [{ rule: 'access', message: `${name}${issue.message}`, ...at(offsetOf(issue.path)) }];
    }
    const map = issue.path.length === 0 ? document.contents : document.getIn(issue.path, true);
    const known = keysAt(shape, issue.path);
    return issue.keys.map((key) => {
      const item = isMap(map) ? map.items.find((one) => isScalar(one.key) && String(one.key.value) === key) : undefined;
      const offset = isScalar(item?.key) ? item.key.range?.[0] : undefined;
      return { rule: 'access', message: `there is no key "${key}" here`, ...at(offset), ...hintFor(key, known) };
    });
  });
  throw new PolicyFileError(
    file,
    violations.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  );
}

/** The keys that a shape knows at a place. */
function keysAt(shape: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at = shape as unknown as { shape?: Record<string, unknown>; element?: unknown; unwrap?: () => unknown } | undefined;
  for (const step of path) {
    while (typeof at?.unwrap === 'function' && at.shape === undefined && at.element === undefined) at = at.unwrap() as typeof at;
    at = (typeof step === 'number' ? at?.element : at?.shape?.[String(step)]) as typeof at;
  }
  while (typeof at?.unwrap === 'function' && at.shape === undefined) at = at.unwrap() as typeof at;
  return Object.keys(at?.shape ?? {});
}

function hintFor(key: string, known: readonly string[]): { readonly hint?: string } {
  if (known.length === 0) return {};
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]|s$/g, '');
  const near = known.find((name) => plain(name) === plain(key));
  return { hint: near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?` };
}
