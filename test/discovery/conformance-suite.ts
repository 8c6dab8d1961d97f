import { existsSync, readFileSync } from 'node:fs';
import type { CaseResult, XPathCase } from '../../src/cli/xpath-batch.js';

/** Cases of XPath suites nobody in this project wrote (W3C QT3, Xalan, libxml2, jaxen, pugixml, .NET, XML::XPath). */
export const SUITE = '../shared/xpath/open.json';

export interface SuiteCase extends XPathCase {
  readonly doc: string;
  readonly source: string;
  readonly expected: {
    readonly type: 'string' | 'number' | 'boolean' | 'nodeset' | 'error';
    readonly value?: unknown;
    readonly nodes?: readonly string[];
  };
}

/** undefined when the suite does not lie beside the repository */
export function readSuite(): SuiteCase[] | undefined {
  if (!existsSync(SUITE)) return undefined;
  const { docs, cases } = JSON.parse(readFileSync(SUITE, 'utf8')) as { docs: Record<string, { xml: string }>; cases: SuiteCase[] };
  return cases.map((one) => ({ ...one, xml: docs[one.doc].xml }));
}

/** id → reason, for cases that rightly do not pass */
export function readLedger(file: string): Map<string, string> {
  const [, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(rows.map((row) => [row.slice(0, row.indexOf(',')), row.slice(row.indexOf(',') + 1)]));
}

/** What is wrong with a result; undefined when it is as expected. */
export function difference({ expected, source }: SuiteCase, result: CaseResult): string | undefined {
  if (result.type !== expected.type)
    return `expected ${expected.type} ${JSON.stringify(expected.value ?? expected.nodes)}, got ${JSON.stringify(result)}`;
  const same =
    result.type === 'error' ||
    (result.type === 'nodeset'
      ? JSON.stringify(result.value) === JSON.stringify(expected.nodes)
      : result.type === 'number'
        ? sameNumber(Number(result.value), Number(expected.value), source === 'libxml2' ? 1e-5 : 1e-12)
        : String(result.value) === String(expected.value));
  return same ? undefined : `expected ${JSON.stringify(expected.value ?? expected.nodes)}, got ${JSON.stringify(result.value)}`;
}

function sameNumber(a: number, b: number, tolerance: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
