import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

const NICENESS = 10;

/**
 * Called in a thread for whose work nobody waits by the millisecond: when there are more threads than cores, those somebody waits for go
 * first. Linux keeps niceness by thread; elsewhere it is the whole process's, so nothing is done there. Never fails: it is a courtesy.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    // PID/task/TID, of whoever reads it
    setPriority(Number(readlinkSync('/proc/thread-self').split('/')[2]), NICENESS);
  } catch {
    // no /proc, or not allowed
  }
}
