/**
 * The life of a question, top to bottom: text → plan → node set → items.
 *
 * Most questions take microseconds and are answered on the spot. One that does not end within a few
 * milliseconds is started again in the query thread, over the very same columns, so that nobody waits behind it.
 */
import type { View } from '../discovery/index.js';
import { Problem } from '../model/index.js';
import { at } from './at.js';
import type { Answer, Caller, PlanLine, Question } from './directory.js';
import { type Asked, type Evaluated, evaluateAsked } from './evaluate.js';
import { itemsOf } from './items.js';
import type { Rooms } from './rooms.js';

export async function discover(rooms: Rooms, caller: Caller, question: Question, signal?: AbortSignal): Promise<Answer> {
  const started = performance.now();
  const limit = pageSize(rooms, question);

  // which state of the directory? a cursor pins the one its first page was made of
  const page = question.cursor === undefined ? undefined : rooms.cursors.open(question.cursor, question.xpath, caller);
  const view = page === undefined ? rooms.viewOf(caller) : rooms.live.viewAt(rooms.viewOf(caller), page.revision);
  const offset = page?.offset ?? 0;

  // text → plan → value
  const asked = askedBy(rooms, caller, question);
  const { value, plan = outline(caller, question) } = await evaluate(rooms, view, asked, signal);

  // value → answer
  const about = {
    ...at(rooms, caller, view.revision),
    ms: performance.now() - started,
    ...(plan === undefined ? {} : { plan }),
  };
  if (value.type !== 'nodeset') return { ...value, ...about };
  const total = value.nodes.length;
  if (question.count === true) return { type: 'number', value: total, ...about };
  const end = Math.min(total, offset + limit);
  const items = itemsOf(view, value.nodes, offset, end, signal);
  return {
    type: 'nodeset',
    total,
    count: Math.max(0, end - offset),
    items,
    ...(end < total ? { next: rooms.cursors.seal({ revision: view.revision, offset: end }, question.xpath, caller) } : {}),
    ...about,
  };
}

/** What is explained to who is limited to scopes. */
function outline({ scopes }: Caller, { explain, xpath }: Question): readonly PlanLine[] | undefined {
  return explain === true && scopes !== undefined ? [{ depth: 0, operator: `all of ${xpath}` }] : undefined;
}

export function askedBy(rooms: Rooms, caller: Caller, question: Question): Asked {
  return {
    xpath: question.xpath,
    namespaces: question.namespaces === undefined ? rooms.schemas.prefixes : { ...rooms.schemas.prefixes, ...question.namespaces },
    bindings: `${rooms.schemas.number} ${question.namespaces === undefined ? '' : JSON.stringify(question.namespaces)}`,
    variables: question.variables ?? {},
    // Which operators run, and over how many rows, tells of what the caller does not see.
    explain: question.explain === true && caller.scopes === undefined,
    leases: rooms.leases.sight(caller.scopes === undefined),
    time: Math.min(question.budgetMs ?? rooms.budget.time, rooms.budget.time),
  };
}

export async function evaluate(rooms: Rooms, view: View, asked: Asked, signal: AbortSignal | undefined): Promise<Evaluated> {
  const known = rooms.plans.get(asked);
  if (!known.slow) {
    try {
      return evaluateAsked(known, view, asked, { ...rooms.budget, time: Math.min(asked.time, rooms.budget.inline) });
    } catch (error) {
      if (!isOutOfTime(error) || asked.time <= rooms.budget.inline) throw error;
      known.slow = true;
    }
  }
  const evaluated = await rooms.queries.evaluate(view, asked, { ...rooms.budget, time: asked.time }, signal);
  // A first evaluation is slower than those that follow it: one that was quick in the thread may come back.
  if (evaluated.ms < rooms.budget.inline / 2) known.slow = false;
  return evaluated;
}

function isOutOfTime(error: unknown): boolean {
  return error instanceof Problem && error.code === 'query-over-budget' && error.violations[0]?.rule === 'budget-time';
}

function pageSize(rooms: Rooms, question: Question): number {
  const limit = question.limit ?? rooms.budget.page;
  if (!Number.isInteger(limit) || limit < 0) throw new Problem('bad-request', { detail: `limit must be a whole number, not ${limit}` });
  return Math.min(limit, rooms.budget.maxPage);
}
