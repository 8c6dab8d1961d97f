import type { FoundDelegate } from '../found-delegate.js';
import { executableRuntime } from './executable.js';
import { fileRuntime } from './file.js';
import { moduleRuntime } from './module.js';
import type { Runtime } from './runtime.js';

/** `onDiagnostics` gets what it prints for people. */
export function runtimeOf({ kind, path, provides }: FoundDelegate, onDiagnostics: (text: string) => void): Runtime {
  if (kind === 'module') return moduleRuntime(path, onDiagnostics);
  return kind === 'executable' ? executableRuntime(path, provides, onDiagnostics) : fileRuntime(path);
}
