import type { DiscoveryAtSize, QueryTime } from './results.js';
import { geometricMean } from './statistics.js';

/** Ratios: what a reader wants to know of two lists of times; all from one run. */

export interface Compared {
  readonly name: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}

export function compare(ours: readonly QueryTime[], theirs: readonly QueryTime[]): Compared[] {
  return ours.map(({ name, ms }) => {
    const other = theirs.find((time) => time.name === name);
    if (!other) throw new Error(`${name} was not measured on both sides`);
    return { name, ours: ms, theirs: other.ms, ratio: other.ms / ms };
  });
}

export function meanRatio(compared: readonly Compared[]): number {
  return geometricMean(compared.map(({ ratio }) => ratio));
}

/** BaseX below this is answered from an index in no time; a ratio of 50 would be a ratio of clocks. */
export const INSTANT_MS = 2;

export interface Verdict {
  readonly what: string;
  readonly wanted: string;
  readonly got: string;
  readonly ok: boolean;
}

/** The bars that discovery has to clear against BaseX, at the largest size of a run. */
export function discoveryVerdicts(at: DiscoveryAtSize): Verdict[] {
  const verdicts: Verdict[] = [];
  if (at.basex) {
    // BaseX with the question as asked; and next to it, with the question rewritten for its index
    const asAsked = compare(
      at.ours,
      at.basex.map(({ name, count, plainMs }) => ({ name, count, ms: plainMs })),
    );
    for (const [form, compared] of [
      ['as asked', asAsked],
      ['in its better form', compare(at.ours, at.basex)],
    ] as const) {
      const missed = compared.filter(({ theirs, ratio }) => ratio < (theirs < INSTANT_MS ? 2 : 50));
      verdicts.push({
        what: `engine, each query, BaseX ${form}`,
        wanted: '≥ 50× (≥ 2× where BaseX needs < 2 ms)',
        got: missed.length === 0 ? 'all' : `missed: ${missed.map(({ name, ratio }) => `${name} ${format(ratio)}×`).join(', ')}`,
        ok: missed.length === 0,
      });
      const mean = meanRatio(compared);
      verdicts.push({ what: `engine, geometric mean, BaseX ${form}`, wanted: '≥ 100×', got: `${format(mean)}×`, ok: mean >= 100 });
    }
  }
  if (at.basexClient) {
    const asAsked = compare(
      at.oursHttp,
      at.basexClient.map(({ name, count, plainMs }) => ({ name, count, ms: plainMs })),
    );
    for (const [form, compared] of [
      ['as asked', asAsked],
      ['in its better form', compare(at.oursHttp, at.basexClient)],
    ] as const) {
      const missed = compared.filter(({ ratio }) => ratio < 5);
      verdicts.push({
        what: `whole answers, each query, BaseX ${form}`,
        wanted: '≥ 5×',
        got: missed.length === 0 ? 'all' : `missed: ${missed.map(({ name, ratio }) => `${name} ${format(ratio)}×`).join(', ')}`,
        ok: missed.length === 0,
      });
      const mean = meanRatio(compared);
      verdicts.push({ what: `whole answers, geometric mean, BaseX ${form}`, wanted: '≥ 20×', got: `${format(mean)}×`, ok: mean >= 20 });
    }
  }
  const share = at.columns.bytes / at.xmlBytes;
  verdicts.push({ what: 'memory of the columns', wanted: '≤ 1.2 × the XML', got: `${share.toFixed(2)} ×`, ok: share <= 1.2 });
  verdicts.push({
    what: 'shredding',
    wanted: '≥ 15 000 documents/s',
    got: `${format(at.columns.shredPerSecond)}/s`,
    ok: at.columns.shredPerSecond >= 15_000,
  });
  return verdicts;
}

/** Three significant digits, thousands apart; no exponent. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1_000)
    return String(Math.round(value / 10 ** (Math.floor(Math.log10(value)) - 2)) * 10 ** (Math.floor(Math.log10(value)) - 2)).replace(
      /\B(?=(\d{3})+$)/g,
      '\u202f',
    );
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}
