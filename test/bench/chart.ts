/** A log-log line chart as plain SVG: no script, no font file, readable on light and on dark pages, and without colours. */

export interface Series {
  readonly label: string;
  /** ascending in x */
  readonly points: readonly { readonly x: number; readonly y: number; readonly low: number; readonly high: number }[];
  readonly dash?: string;
  readonly light: string;
  readonly dark: string;
}

export interface ChartText {
  readonly title: string;
  readonly description: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly yUnit: (value: number) => string;
}

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 76;
const RIGHT = 190;
const TOP = 52;
const BOTTOM = 56;
/** labels at the ends of lines keep this distance, or they would be printed over each other */
const LABEL_STEP = 17;

export function chart(series: readonly Series[], text: ChartText): string {
  const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = series.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  const [xFrom, xTo] = [Math.min(...xs), Math.max(...xs)].map(Math.log10) as [number, number];
  const yFrom = Math.floor(Math.log10(Math.min(...ys)));
  const yTo = Math.max(yFrom + 1, Math.ceil(Math.log10(Math.max(...ys))));
  const across = (x: number) => LEFT + (xTo === xFrom ? 0.5 : (Math.log10(x) - xFrom) / (xTo - xFrom)) * (WIDTH - LEFT - RIGHT);
  const up = (y: number) => HEIGHT - BOTTOM - ((Math.log10(y) - yFrom) / (yTo - yFrom)) * (HEIGHT - TOP - BOTTOM);
  const at = (x: number, y: number) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`;

  const grid = Array.from({ length: yTo - yFrom + 1 }, (_, k) => 10 ** (yFrom + k)).map(
    (y) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(y).toFixed(1)}" y2="${up(y).toFixed(1)}"/><text class="small" x="${LEFT - 8}" y="${(up(y) + 4).toFixed(1)}" text-anchor="end">${escapeXml(text.yUnit(y))}</text>`,
  );
  const ticks = [...new Set(xs)].map(
    (x) =>
      `<line class="grid" x1="${across(x).toFixed(1)}" x2="${across(x).toFixed(1)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text class="small" x="${across(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${x.toLocaleString('en').replaceAll(',', '\u202f')}</text>`,
  );
  const drawn = series.map(({ points, dash }, k) => {
    const band = [...points.map(({ x, high }) => at(x, high)), ...points.map(({ x, low }) => at(x, low)).reverse()].join(' ');
    const line = points.map(({ x, y }) => at(x, y)).join(' ');
    const dots = points.map(({ x, y }) => `<circle cx="${across(x).toFixed(1)}" cy="${up(y).toFixed(1)}" r="3.5"/>`).join('');
    return `<g class="s${k}"><polygon points="${band}"/><polyline points="${line}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>${dots}</g>`;
  });
  const ends = apart(series.map(({ points }) => up((points.at(-1) as { y: number }).y)));
  const labels = series.map(
    ({ label }, k) =>
      `<text class="label s${k}" x="${WIDTH - RIGHT + 12}" y="${((ends[k] as number) + 4).toFixed(1)}">${escapeXml(label)}</text>`,
  );
  const colours = (of: 'light' | 'dark') => series.map((one, k) => `.s${k}{color:${one[of]}}`).join('');

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(text.title)}</title>
<desc id="description">${escapeXml(text.description)}</desc>
<style>
svg{background:#fff;font-family:system-ui,sans-serif;font-size:13px}
text{fill:#1f2328}.small{font-size:12px;fill:#59636e}.title{font-size:15px;font-weight:600}.grid{stroke:#d1d9e0;stroke-width:1}
polyline{fill:none;stroke:currentColor;stroke-width:2.5}polygon{fill:currentColor;opacity:.13}circle{fill:currentColor}.label{fill:currentColor;font-weight:600}
${colours('light')}
@media (prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#f0f6fc}.small{fill:#9198a1}.grid{stroke:#3d444d}.label{fill:currentColor}${colours('dark')}}
</style>
<text class="title" x="${LEFT}" y="24">${escapeXml(text.title)}</text>
<text class="small" x="${LEFT}" y="42">${escapeXml(text.yTitle)}</text>
${grid.join('\n')}
${ticks.join('\n')}
<text class="small" x="${((LEFT + WIDTH - RIGHT) / 2).toFixed(1)}" y="${HEIGHT - 14}" text-anchor="middle">${escapeXml(text.xTitle)}</text>
${drawn.join('\n')}
${labels.join('\n')}
</svg>
`;
}

/** Moves heights that are too close to each other apart, keeping their order. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, k) => k).sort((a, b) => (heights[a] as number) - (heights[b] as number));
  const moved = [...heights];
  for (let k = 1; k < order.length; k++) {
    const [above, here] = [order[k - 1] as number, order[k] as number];
    moved[here] = Math.max(moved[here] as number, (moved[above] as number) + LABEL_STEP);
  }
  return moved;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
