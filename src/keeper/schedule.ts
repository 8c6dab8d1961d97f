/** When something runs: as a cron expression says, every so often, when files change; or by several of these. */
import { createTask, validateDetailed } from 'node-cron';

export interface Schedule {
  readonly cron?: string;
  /** IANA name; default: the node's */
  readonly timezone?: string;
  readonly everyMs?: number;
  /** files and folders, absolute */
  readonly onChange?: readonly string[];
  /** up to this long later, at random: many keepers need not come at once */
  readonly jitterMs: number;
}

/** What is wrong with a cron expression, or undefined. Five fields, or six with seconds first. */
export function cronFault(expression: string): string | undefined {
  const { valid, errors } = validateDetailed(expression);
  return valid ? undefined : (errors[0]?.message ?? 'it is no cron expression');
}

/** ms since the epoch of the next run after `after`; infinity when only changes of files cause one. */
export function nextRun(schedule: Schedule, after: number, random: () => number = Math.random): number {
  const jitter = schedule.jitterMs * random();
  const times = [
    ...(schedule.everyMs === undefined ? [] : [after + schedule.everyMs]),
    ...(schedule.cron === undefined ? [] : [nextOfCron(schedule.cron, schedule.timezone, after)]),
  ];
  return times.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...times) + jitter;
}

/** ms from one run to the next as of now; undefined when only changes of files cause runs. */
export function periodOf(schedule: Schedule, now: number): number | undefined {
  const gaps = [
    ...(schedule.everyMs === undefined ? [] : [schedule.everyMs]),
    ...(schedule.cron === undefined ? [] : [gapOfCron(schedule.cron, schedule.timezone, now)]),
  ];
  return gaps.length === 0 ? undefined : Math.min(...gaps) + schedule.jitterMs;
}

/** For people: `every 30s, on-change`. */
export function scheduleText({ cron, everyMs, onChange }: Schedule): string {
  const parts = [
    ...(cron === undefined ? [] : [cron]),
    ...(everyMs === undefined ? [] : [`every ${everyMs % 60_000 === 0 ? `${everyMs / 60_000}m` : `${everyMs / 1000}s`}`]),
    ...(onChange === undefined ? [] : ['on-change']),
  ];
  return parts.join(', ');
}

const tasks = new Map<string, ReturnType<typeof createTask>>();

function taskOf(expression: string, timezone: string | undefined): ReturnType<typeof createTask> {
  const key = `${expression}\n${timezone ?? ''}`;
  let task = tasks.get(key);
  if (task === undefined) {
    task = createTask(expression, () => undefined, timezone === undefined ? {} : { timezone });
    tasks.set(key, task);
  }
  return task;
}

/** The library counts from now, which is what is asked for but for a moment. */
function nextOfCron(expression: string, timezone: string | undefined, after: number): number {
  const runs = taskOf(expression, timezone).getNextRuns(2);
  return runs.map((date) => date.getTime()).find((time) => time > after) ?? Number.POSITIVE_INFINITY;
}

function gapOfCron(expression: string, timezone: string | undefined, now: number): number {
  const [first, second] = taskOf(expression, timezone).getNextRuns(2);
  return first === undefined ? 60_000 : (second?.getTime() ?? first.getTime() + 60_000) - (second === undefined ? now : first.getTime());
}
