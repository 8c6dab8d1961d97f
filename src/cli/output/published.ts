import type { Published } from '../../client/index.js';
import type { Session } from '../session.js';
import { coloredDiff } from './diff.js';
import { structured } from './structured.js';

/** What became of one write, in the form asked for. `what` is named in the line for people. */
export async function printPublished(session: Session, form: string, what: string, published: Published, dryRun: boolean): Promise<void> {
  for (const { message } of published.notices) session.note(`${session.colors.err.yellow('notice')}: ${message}`);
  if (form === 'json' || form === 'yaml') return await session.print(structured(form, published));
  if (form === 'name') return await session.print(`${published.id}\n`);
  if (form === 'value') return await session.print(`${published.etag}\n`);
  if (dryRun && published.diff !== undefined && published.diff !== '') await session.print(coloredDiff(published.diff, session.colors.out));
  const outcome = published.outcome === 'replaced' ? 'configured' : published.outcome;
  await session.print(`${what} ${dryRun ? `would be ${outcome}` : outcome}\n`);
}
