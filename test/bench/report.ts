import { chart, type Series } from './chart.js';
import { SIZES, type SizeName } from './corpus.js';
import { compare, discoveryVerdicts, format, meanRatio, type Verdict } from './figures.js';
import type { DiscoveryAtSize, QueryTime, Results, Throughput } from './results.js';
import { geometricMean } from './statistics.js';

/** What a run found, as Markdown (also printed on the terminal) and as a picture. */
export function markdown(results: Results): string {
  const { machine: m, versions } = results;
  const parts = [
    '<!-- made by `npm run bench`; not written by hand -->',
    `Measured on ${results.at.slice(0, 10)}: ${m.cpu}, ${m.cores} cores, ${m.memoryGiB} GiB, fsync ${format(m.fsyncMs)} ms, load before the run ${m.load}, ${m.system}, Node ${m.node}, Java ${m.java}${Object.entries(
      versions,
    )
      .map(([name, version]) => `, ${name} ${version}`)
      .join('')}. All ratios are from this one run.`,
  ];
  const sizes = sizesOf(results.discovery);
  for (const size of sizes.slice(-1))
    parts.push(
      engineTable(size, results.discovery?.[size] as DiscoveryAtSize),
      wholeTable(size, results.discovery?.[size] as DiscoveryAtSize),
    );
  if (sizes.length > 1) parts.push(growthTable(results, sizes));
  if (results.publish || results.load || results.restart || results.mixed || results.watch) parts.push(writesTable(results));
  const judged = verdicts(results);
  if (judged.length > 0) {
    parts.push(
      table(
        ['bar', 'wanted', 'reached', ''],
        judged.map(({ what, wanted, got, ok }) => [what, wanted, got, ok ? 'yes' : '**no**']),
      ),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function engineTable(size: SizeName, at: DiscoveryAtSize): string {
  const rivals = rivalsOf(at);
  const rows = at.ours.map((ours, k) => [
    `\`${ours.name}\``,
    format(ours.count),
    format(ours.ms),
    format(ours.coldMs),
    format(ours.compileMs),
    ...rivals.flatMap(({ times }) => [format((times[k] as QueryTime).ms), `${format((times[k] as QueryTime).ms / ours.ms)}×`]),
  ]);
  const means = [
    'geometric mean',
    '',
    ...(['ms', 'coldMs', 'compileMs'] as const).map((key) => format(geometricMean(at.ours.map((ours) => ours[key])))),
    ...rivals.flatMap(({ times }) => [
      format(geometricMean(times.map(({ ms }) => ms))),
      `**${format(meanRatio(compare(at.ours, times)))}×**`,
    ]),
  ];
  const notes = [
    `Evaluation alone, ${format(SIZES[size])} resources, ms, medians. "First" is the first evaluation over freshly loaded columns, when nothing is memoised; "compile" is text to plan.`,
  ];
  if (at.basex)
    notes.push(
      'BaseX: its own "Evaluating" time with indexes freshly built; "rewritten": the form with `/text()`, for which it uses its text index, where there is one.',
    );
  if (at.libxml2)
    notes.push(
      `libxml2: tree by tree over parsed documents, ${format(at.libxml2.sampled)} of them${at.libxml2.sampled === SIZES[size] ? '' : `, extrapolated to ${format(SIZES[size])}`}.`,
    );
  if (at.postgres) notes.push('PostgreSQL: `xpath()` over an xml column, its own execution time.');
  return `${table(['query', 'nodes', 'facetry', 'first', 'compile', ...rivals.flatMap(({ label }) => [label, 'ratio'])], [...rows, means])}\n\n${notes.join(' ')}`;
}

function rivalsOf(at: DiscoveryAtSize): { readonly label: string; readonly times: readonly QueryTime[] }[] {
  const rivals: { label: string; times: readonly QueryTime[] }[] = [];
  if (at.basex) {
    rivals.push({ label: 'BaseX', times: asAsked(at.basex) });
    rivals.push({ label: 'BaseX, rewritten', times: at.basex });
  }
  if (at.libxml2) rivals.push({ label: 'libxml2', times: at.libxml2.times });
  if (at.postgres) rivals.push({ label: 'PostgreSQL', times: at.postgres });
  return rivals;
}

function asAsked(times: readonly { readonly name: string; readonly count: number; readonly plainMs: number }[]): QueryTime[] {
  return times.map(({ name, count, plainMs }) => ({ name, count, ms: plainMs }));
}

function wholeTable(size: SizeName, at: DiscoveryAtSize): string {
  const basex = at.basexClient;
  const rows = at.oursHttp.map((ours, k) => {
    const other = basex?.[k];
    return [
      `\`${ours.name}\``,
      format(ours.bytes),
      format(ours.ms),
      ...(other ? [format(other.plainMs), `${format(other.plainMs / ours.ms)}×`, format(other.ms), `${format(other.ms / ours.ms)}×`] : []),
    ];
  });
  if (basex) {
    const [plain, better] = [compare(at.oursHttp, asAsked(basex)), compare(at.oursHttp, basex)].map(
      (compared) => `**${format(meanRatio(compared))}×**`,
    ) as [string, string];
    rows.push(['geometric mean', '', format(geometricMean(at.oursHttp.map(({ ms }) => ms))), '', plain, '', better]);
  }
  const heads = ['query', 'bytes', 'facetry, HTTP', ...(basex ? ['BaseX client', 'ratio', 'rewritten', 'ratio'] : [])];
  return `${table(heads, rows)}\n\nThe whole answer, serialised and received by one client over loopback, ${format(SIZES[size])} resources, ms, medians.`;
}

function growthTable(results: Results, sizes: readonly SizeName[]): string {
  const at = sizes.map((size) => results.discovery?.[size] as DiscoveryAtSize);
  const names = at[0]?.ours.map(({ name }) => name) ?? [];
  const rows = names.map((name, k) => [
    `\`${name}\``,
    ...at.flatMap(({ ours }) => [format(ours[k]?.count ?? Number.NaN), format(ours[k]?.ms ?? Number.NaN)]),
  ]);
  rows.push(['columns ÷ XML bytes', ...at.flatMap(({ columns, xmlBytes }) => ['', (columns.bytes / xmlBytes).toFixed(2)])]);
  rows.push(['documents shredded a second', ...at.flatMap(({ columns }) => ['', format(columns.shredPerSecond)])]);
  return `${table(['growth', ...sizes.flatMap((size) => [`nodes, ${size}`, `ms, ${size}`])], rows)}`;
}

function writesTable({ publish, load, restart, mixed, watch }: Results): string {
  const rows: string[][] = [];
  if (publish) {
    const { ours, basex } = publish;
    rows.push([
      `publish, ${publish.clients} clients, ${format(publish.resources)} resources, ${format(publish.bytesPerDocument)} bytes each`,
      `${format(ours.perSecond)}/s (p99 ${format(ours.p99)} ms)`,
      basex ? `${format(basex.perSecond)}/s (p99 ${format(basex.p99)} ms)` : '',
      basex ? `${format(ours.perSecond / basex.perSecond)}×` : '',
    ]);
  }
  for (const [size, one] of entries(load))
    rows.push([
      `bulk load of ${size}`,
      `${format(one.oursSeconds)} s`,
      one.basexSeconds === undefined ? '' : `${format(one.basexSeconds)} s`,
      one.basexSeconds === undefined ? '' : `${format(one.basexSeconds / one.oursSeconds)}×`,
    ]);
  for (const [size, one] of entries(restart)) {
    rows.push([`restart to ready, ${size}, after a stop`, `${format(one.afterStopMs)} ms`, '', '']);
    rows.push([`restart to ready, ${size}, after kill -9 during writes`, `${format(one.afterKillMs)} ms`, '', '']);
    rows.push([`restart to ready, ${size}, without its snapshot`, `${format(one.withoutSnapshotMs)} ms`, '', '']);
  }
  const tail = ({ p50, p99 }: Throughput) => `${format(p50)} / ${format(p99)}`;
  for (const [size, one] of entries(mixed)) {
    rows.push([
      `${size}, point reads p50 / p99 ms: alone → beside 8 query clients (${format(one.queriesPerSecond)} answers/s)`,
      `${tail(one.unloaded.read)} → ${tail(one.loaded.read)}`,
      '',
      '',
    ]);
    rows.push([
      `${size}, publishes p50 / p99 ms: alone → beside 8 query clients`,
      `${tail(one.unloaded.publish)} → ${tail(one.loaded.publish)}`,
      '',
      '',
    ]);
    rows.push([`${size}, /livez p50 / p99 ms beside them`, tail(one.livez), '', '']);
  }
  if (watch)
    rows.push([
      `200 publishes a second, p50 / p99 ms: alone → beside ${format(watch.watchers)} watchers of as many questions (${format(watch.events)} updates told)`,
      `${tail(watch.alone)} → ${tail(watch.watched)}`,
      '',
      '',
    ]);
  return table(['', 'facetry', 'BaseX', 'ratio'], rows);
}

/** Everything that has a bar, judged at the largest size of the run. */
export function verdicts(results: Results): Verdict[] {
  const judged: Verdict[] = [];
  const size = sizesOf(results.discovery).at(-1);
  if (size)
    judged.push(
      ...discoveryVerdicts(results.discovery?.[size] as DiscoveryAtSize).map((one) => ({ ...one, what: `${one.what} (${size})` })),
    );
  judged.push(...growthVerdicts(results));
  const { publish } = results;
  if (publish?.basex) {
    const ratio = publish.ours.perSecond / publish.basex.perSecond;
    judged.push({ what: 'publish', wanted: '≥ 20×', got: `${format(ratio)}×`, ok: ratio >= 20 });
  }
  for (const [size, { oursSeconds, basexSeconds }] of entries(results.load).slice(-1)) {
    if (basexSeconds !== undefined)
      judged.push({
        what: `bulk load (${size})`,
        wanted: 'not slower than CREATE DB',
        got: `${format(oursSeconds)} s, BaseX ${format(basexSeconds)} s`,
        ok: oursSeconds <= basexSeconds,
      });
  }
  for (const [size, { afterStopMs, withoutSnapshotMs }] of entries(results.restart).slice(-1)) {
    judged.push({ what: `restart (${size})`, wanted: '< 3 s', got: `${format(afterStopMs)} ms`, ok: afterStopMs < 3_000 });
    judged.push({
      what: `restart without snapshot (${size})`,
      wanted: '< 15 s',
      got: `${format(withoutSnapshotMs)} ms`,
      ok: withoutSnapshotMs < 15_000,
    });
  }
  for (const [size, { unloaded, loaded }] of entries(results.mixed).slice(-1)) {
    for (const kind of ['read', 'publish'] as const) {
      const ratio = loaded[kind].p99 / unloaded[kind].p99;
      judged.push({
        what: `p99 of ${kind === 'read' ? 'point reads' : 'publishes'}, loaded ÷ unloaded (${size})`,
        wanted: '< 5',
        got: format(ratio),
        ok: ratio < 5,
      });
    }
  }
  if (results.watch) {
    const added = results.watch.watched.p99 - results.watch.alone.p99;
    judged.push({ what: 'p99 that watchers add to publishes', wanted: '< 20 ms', got: `${format(added)} ms`, ok: added < 20 });
  }
  return judged;
}

/** equality on a path, answered from postings */
const INDEXED = ['q01_by_id', 'q02_eq_selective', 'q11_values', 'q13_union'];
/** A larger directory no longer fits the processor's caches; and microseconds are measured here. */
const SLACK = 2;

/** From the smallest size to the largest: indexed equality may cost more only as its answer grows, all else as the directory grows. */
function growthVerdicts({ discovery }: Results): Verdict[] {
  const sizes = sizesOf(discovery);
  const [small, large] = [sizes[0], sizes.at(-1)] as [SizeName, SizeName];
  if (sizes.length < 2) return [];
  const [before, after] = [discovery?.[small], discovery?.[large]] as [DiscoveryAtSize, DiscoveryAtSize];
  const grown = after.ours.map(({ name, ms, count }, k) => {
    const from = before.ours[k] as QueryTime;
    return { name, time: ms / from.ms, answer: Math.max(1, count / from.count) };
  });
  const judge = (what: string, wanted: string, of: typeof grown, most: (one: (typeof grown)[number]) => number): Verdict => {
    const missed = of.filter((one) => one.time > most(one) * SLACK);
    const say = ({ name, time, answer }: (typeof grown)[number]) => `${name} ${format(time)}× (answer ${format(answer)}×)`;
    return {
      what: `growth ${small} → ${large}, ${what}`,
      wanted,
      got: missed.length === 0 ? 'all' : `missed: ${missed.map(say).join(', ')}`,
      ok: missed.length === 0,
    };
  };
  const indexed = grown.filter(({ name }) => INDEXED.includes(name));
  const others = grown.filter(({ name }) => !INDEXED.includes(name));
  return [
    judge('indexed equality', 'as its answer (slack 2)', indexed, ({ answer }) => answer),
    judge('the others', 'at most linear (slack 2)', others, () => SIZES[large] / SIZES[small]),
  ];
}

/** Geometric mean of the 14 queries per engine over the number of resources; the band is from the fastest query to the slowest. */
export function growthChart(results: Results): string | undefined {
  const sizes = sizesOf(results.discovery);
  if (sizes.length < 2) return undefined;
  const engines: {
    label: string;
    light: string;
    dark: string;
    dash?: string;
    of(at: DiscoveryAtSize): readonly QueryTime[] | undefined;
  }[] = [
    { label: 'facetry', light: '#0969da', dark: '#4493f8', of: (at) => at.ours },
    { label: 'BaseX', light: '#bc4c00', dark: '#f0883e', dash: '8 4', of: (at) => at.basex && asAsked(at.basex) },
    { label: 'libxml2, per document', light: '#1a7f37', dark: '#3fb950', dash: '2 4', of: (at) => at.libxml2?.times },
    { label: 'PostgreSQL xpath()', light: '#8250df', dark: '#ab7df8', dash: '10 3 2 3', of: (at) => at.postgres },
  ];
  const series: Series[] = engines.flatMap(({ of, ...look }) => {
    const points = sizes.flatMap((size) => {
      const times = of(results.discovery?.[size] as DiscoveryAtSize)?.map(({ ms }) => ms);
      return times ? [{ x: SIZES[size], y: geometricMean(times), low: Math.min(...times), high: Math.max(...times) }] : [];
    });
    return points.length < 2 ? [] : [{ ...look, points }];
  });
  const last = series.map(({ label, points }) => `${label} ${format(points.at(-1)?.y ?? Number.NaN)} ms`).join(', ');
  return chart(series, {
    title: 'Time of a discovery query as the directory grows',
    description: `Geometric mean of 14 XPath queries. At ${format(SIZES[sizes.at(-1) as SizeName])} resources: ${last}.`,
    xTitle: 'resources',
    yTitle: 'geometric mean of 14 queries; the band reaches from the fastest to the slowest',
    yUnit: (ms) => (ms >= 1_000 ? `${ms / 1_000} s` : ms >= 1 ? `${ms} ms` : `${Number((ms * 1_000).toPrecision(3))} µs`),
  });
}

function sizesOf(of: Partial<Record<SizeName, unknown>> | undefined): SizeName[] {
  return (Object.keys(SIZES) as SizeName[]).filter((size) => of?.[size] !== undefined);
}

function entries<T>(of: Partial<Record<SizeName, T>> | undefined): [SizeName, T][] {
  return sizesOf(of).map((size) => [size, of?.[size] as T]);
}

/** A Markdown table whose columns line up, so that it reads as well on a terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, k) => Math.max(3, ...all.map((row) => (row[k] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, k) => (k === 0 ? (row[k] ?? '').padEnd(width) : (row[k] ?? '').padStart(width))).join(' | ')} |`;
  return [
    line(head),
    `| ${widths.map((width, k) => (k === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
}
