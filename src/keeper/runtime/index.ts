/** runtime/: how does a delegate of each kind run, so that it harms nobody? Modules in threads, executables in process groups, files. */
export { describeExecutable } from './executable.js';
export { DelegateFailure } from './failure.js';
export { describeFile } from './file.js';
export { moduleRuntime } from './module.js';
export type { ListRequest, RunRequest, Runtime } from './runtime.js';
export { runtimeOf } from './runtime-of.js';
