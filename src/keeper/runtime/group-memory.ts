import { readdirSync, readFileSync } from 'node:fs';

const PAGE = 4096;

/** Bytes that the processes of a group hold in memory (proc(5): /proc/PID/stat, fields pgrp and rss); 0 where there is no /proc. */
export function groupMemory(group: number): number {
  let bytes = 0;
  let names: readonly string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return 0;
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // the second field is the command in parentheses, in which anything may stand
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[2]) === group) bytes += Number(fields[21]) * PAGE;
    } catch {
      // It ended meanwhile.
    }
  }
  return bytes;
}
