import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../servers/process.js';
import { median } from './statistics.js';

/** What a reader must know to judge the figures; no names of hosts, users or folders. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** median ms of appending 4 KiB and fsync'ing, on the disk the stores of this run stand on */
  readonly fsyncMs: number;
  /** processes that wanted to run in the minute before the run */
  readonly load: number;
  readonly system: string;
  readonly node: string;
  readonly java: string;
}

export async function machine(): Promise<Machine> {
  const folder = await temporaryFolder('fsync');
  try {
    return {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      fsyncMs: fsyncTime(join(folder.path, 'file')),
      load: Math.round((loadavg()[0] as number) * 10) / 10,
      system: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      java: javaVersion(),
    };
  } finally {
    await folder.remove();
  }
}

function fsyncTime(file: string): number {
  const descriptor = openSync(file, 'a');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now();
    writeSync(descriptor, block);
    fsyncSync(descriptor);
    return performance.now() - start;
  });
  closeSync(descriptor);
  return median(times);
}

function javaVersion(): string {
  try {
    return (
      /version "([^"]+)"|openjdk (\S+)/
        .exec(execFileSync('java', ['--version'], { encoding: 'utf8' }))
        ?.slice(1)
        .find(Boolean) ?? 'unknown'
    );
  } catch {
    return 'none';
  }
}
