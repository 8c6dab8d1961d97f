import { setTimeout as delay } from 'node:timers/promises';

/** Waits at random, up to `first` ms doubled with each attempt (from 0), never more than `most`: so that those who collide part. */
export async function pause(attempt: number, first: number, most: number): Promise<void> {
  await delay(Math.random() * Math.min(most, first * 2 ** attempt));
}
